import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { FaultsReport } from '../../contract/faults/report.ts'
import { type RunningTarget, startTarget } from '../../target/app.ts'
import { loadConfiguration } from '../../target/configuration/load.ts'
import { freePort } from '../support/free-port.ts'
import { hasChromium, launchChromium, PATIENCE_MS } from './chromium.ts'
import { openLivePage } from './live-pages.ts'
import { overflowOf, violationsOf } from './report-pages.ts'

const quiet = { 'log.level': 'silent', 'feed.orders': '0', 'feed.inventory': '0', 'feed.pricing': '0' }
const start = (flags: Record<string, string> = {}) =>
  startTarget(loadConfiguration({ env: {}, flags: { 'http.port': '0', ...quiet, ...flags } }))

const station = {
  id: 'db',
  match: { operation: 'products.list' },
  fault: { type: 'capacity', station: 'db', servers: 2, service: { type: 'exponential', mean: '5ms' }, queue: 20 },
}

describe.skipIf(!hasChromium())('the live page of the target in a browser', () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await launchChromium()
  })

  afterAll(() => browser?.close())

  async function opened(flags: Record<string, string> = {}, options: BrowserContextOptions = {}) {
    const target = await start(flags)
    const { page, complaints, close } = await openLivePage(browser, `${target.url}/_loadcell/ui`, options)
    onTestFinished(async () => {
      await close()
      await target.close()
    })
    return { target, page, complaints }
  }

  const rulesOf = async ({ url }: RunningTarget) => {
    const report = (await (await fetch(`${url}/_loadcell/faults`)).json()) as FaultsReport
    return report.rules.map(({ rule: { id, share } }) => ({ id, share }))
  }

  const number = (page: Page, name: string, text: RegExp) => page.locator(`[data-number="${name}"]`, { hasText: text })

  it('shows the number of requests as the ledger counts them, and counts nothing itself', async () => {
    const { target, page, complaints } = await opened()
    for (let at = 0; at < 7; at++) await fetch(`${target.url}/products/1`)
    await number(page, 'arrived', /^7$/).waitFor()
    const ledger: unknown = await (await fetch(`${target.url}/_loadcell/ledger`)).json()
    expect(ledger).toMatchObject({ operations: [{ arrivals: 7 }], open: { requests: 0 } })
    expect(await page.locator('#recent tbody tr').count()).toBe(7)
    await page.getByRole('button', { name: 'Read the ledger' }).click()
    await page.getByRole('button', { name: 'products.get' }).click()
    await page.locator('#records caption', { hasText: 'The latest 7 records of products.get' }).waitFor()
    expect(complaints).toEqual([])
  })

  it.each([
    [400, 'dark'],
    [700, 'light'],
    [1300, 'dark'],
    [2000, 'light'],
  ] as const)('fits a window of %i px in %s, without a complaint, for everybody', async (width, colorScheme) => {
    const { target, page, complaints } = await opened(
      { 'faults.rules': JSON.stringify([station]) },
      { viewport: { width, height: 900 }, colorScheme },
    )
    for (let at = 0; at < 5; at++) await fetch(`${target.url}/products`)
    await number(page, 'arrived', /^5$/).waitFor()
    await page.locator('.station .uplot canvas').waitFor()
    for (const summary of await page.locator('main summary').all()) await summary.click()
    await page.getByRole('button', { name: 'Read the ledger' }).click()
    await page.getByRole('button', { name: 'products.list' }).waitFor()
    expect({ overflow: await overflowOf(page), complaints }).toEqual({ overflow: 0, complaints: [] })
    expect(await violationsOf(page)).toEqual([])
  })

  it('draws the queue of a station, and the curve with its knee', async () => {
    const slow = { ...station, fault: { ...station.fault, servers: 1, service: '20s' } }
    const { target, page, complaints } = await opened({ 'faults.rules': JSON.stringify([slow]) })
    // They wait for as long as the page needs to show it.
    const leave = new AbortController()
    const visit = () => fetch(`${target.url}/products`, { signal: leave.signal })
    const visits = Promise.allSettled([1, 2, 3, 4].map(visit))
    await page.locator('.queue-words', { hasText: /^3 waiting \(room for 20\), 1 of 1 servers busy$/ }).waitFor()
    expect(await page.locator('.place.taken').count()).toBe(3)
    expect(await page.locator('.server.busy').count()).toBe(1)
    expect(await page.locator('.station .facts').innerText()).toContain('knee 0.05/s')
    leave.abort()
    await visits
    expect(complaints).toEqual([])
  })

  it('makes a change after showing it, keeps it when asked, and undoes it', async () => {
    const { target, page, complaints } = await opened()
    const form = page.getByRole('form', { name: 'Errors' })
    await form.getByLabel('share').fill('25')
    await form.getByText('As YAML and curl').click()
    await form.locator('code', { hasText: 'share: 0.25' }).waitFor()
    await form.locator('code', { hasText: `curl -X PUT '${target.url}/_loadcell/faults/page.errors'` }).waitFor()
    expect(await rulesOf(target)).toEqual([])
    await form.getByRole('button', { name: 'Fail' }).click()
    const listed = page.locator('.changes li', { hasText: 'Errors: 25 % of all operations get a 503' })
    await listed.getByText(/undone in \d+ s unless you keep it/).waitFor()
    expect(await rulesOf(target)).toEqual([{ id: 'page.errors', share: 0.25 }])
    await listed.getByRole('button', { name: /^Keep/ }).click()
    await listed.getByText('kept until it is undone').waitFor()
    await listed.getByRole('button', { name: /^Undo/ }).click()
    await listed.waitFor({ state: 'detached' })
    expect(await rulesOf(target)).toEqual([])
    await form.getByText('Done').waitFor({ state: 'detached' })
    expect(complaints).toEqual([])
  })

  it('says that it does not undo what somebody else has changed since', async () => {
    const { target, page } = await opened()
    await page.getByRole('form', { name: 'Errors' }).getByRole('button', { name: 'Fail' }).click()
    const listed = page.locator('.changes li[data-change]')
    await listed.waitFor()
    const rule = { id: 'page.errors', share: 0.9, fault: { type: 'status', status: 500 } }
    const request = { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify(rule) }
    expect((await fetch(`${target.url}/_loadcell/faults/page.errors`, request)).ok).toBe(true)
    await listed.getByRole('button', { name: /^Undo/ }).click()
    await page.locator('#controls > .outcome.wrong', { hasText: 'Not undone: something else' }).waitFor()
    expect(await rulesOf(target)).toEqual([{ id: 'page.errors', share: 0.9 }])
  })

  it('sets a rate limit, a station and a preset, and shows each in its panel', async () => {
    const { target, page, complaints } = await opened()
    await page.getByRole('form', { name: 'Rate limit' }).getByRole('button', { name: 'Limit' }).click()
    await page.locator('#faults td', { hasText: '20 per 1s' }).waitFor()
    await page.getByRole('form', { name: 'Station' }).getByRole('button', { name: 'Set the station' }).click()
    await page.locator('.station .facts', { hasText: 'knee 100/s' }).waitFor()
    const preset = page.getByRole('form', { name: 'Preset' })
    await preset.getByLabel('preset').selectOption('flaky')
    await preset.getByText('Two requests in a hundred fail').waitFor()
    await preset.getByRole('button', { name: 'Switch on' }).click()
    await page.locator('#faults tbody th', { hasText: 'flaky' }).first().waitFor()
    await page.getByRole('button', { name: 'Undo all' }).click()
    await page.locator('.station').waitFor({ state: 'detached' })
    expect(await rulesOf(target)).toEqual([])
    expect(complaints).toEqual([])
  })

  it('says what is wrong with a change, and changes nothing', async () => {
    const { target, page } = await opened()
    const form = page.getByRole('form', { name: 'Timeline' })
    await form.getByLabel('timeline').fill('phases: [{name: x}]')
    await form.getByRole('button', { name: 'Start' }).click()
    await form.locator('.outcome.wrong', { hasText: 'duration' }).waitFor()
    expect(await rulesOf(target)).toEqual([])
  })

  it('lets a change of a closed page end at its time', async () => {
    const { target, page } = await opened()
    await page.evaluate(`(() => {
      const [label] = [...document.querySelectorAll('label')].filter(each => each.textContent === 'Changes end after')
      const select = document.getElementById(label.htmlFor)
      select.append(new Option('less than a second', '600', true, true))
    })()`)
    await page.getByRole('form', { name: 'Latency' }).getByRole('button', { name: 'Delay' }).click()
    await page.locator('.changes li[data-change]').waitFor()
    await page.close()
    await expect.poll(() => rulesOf(target), { timeout: PATIENCE_MS }).toEqual([])
  })

  it('asks once more before it cuts connections, and tells how many it has cut', async () => {
    const { page } = await opened()
    const form = page.getByRole('form', { name: 'Disconnect' })
    await form.getByRole('button', { name: 'Disconnect' }).click()
    await form.getByRole('button', { name: 'Yes, disconnect now' }).click()
    await form.locator('.outcome', { hasText: '0 connections were cut.' }).waitFor()
  })

  it('survives a restart of the target, and says that it was one', async () => {
    const port = String(await freePort())
    const first = await start({ 'http.port': port })
    const { page, close } = await openLivePage(browser, `${first.url}/_loadcell/ui`)
    onTestFinished(close)
    await fetch(`${first.url}/products/1`)
    await number(page, 'arrived', /^1$/).waitFor()
    await first.close()
    await page.locator('.feed-status[data-state="lost"]', { hasText: 'the server does not answer' }).waitFor()
    const second = await start({ 'http.port': port })
    onTestFinished(() => second.close())
    await page.locator('.feed-status[data-state="live"]').waitFor()
    await page.locator('.feed-detail', { hasText: 'The target was started again' }).waitFor()
    await number(page, 'arrived', /^0$/).waitFor()
  })

  it('asks for a token where one is needed, keeps it out of addresses, and only shows with that of a viewer', async () => {
    const target = await start({ 'control.token': 'boss', 'control.viewToken': 'class' })
    onTestFinished(() => target.close())
    const context = await browser.newContext()
    onTestFinished(() => context.close())
    const page = await context.newPage()
    const addresses: string[] = []
    page.on('request', request => addresses.push(request.url()))
    await page.goto(`${target.url}/_loadcell/ui`)
    await page.getByLabel('Token').fill('another')
    await page.getByRole('button', { name: 'Open' }).click()
    await page.getByText('This token is not accepted: expected').waitFor()
    expect(await page.locator('#requests').isVisible()).toBe(false)
    for (const [token, mayControl] of [
      ['class', false],
      ['boss', true],
    ] as const) {
      if (mayControl) await page.evaluate('sessionStorage.clear()').then(() => page.reload())
      await page.locator('.feed-status[data-state="refused"]').waitFor()
      await page.getByLabel('Token').fill(token)
      await page.getByRole('button', { name: 'Open' }).click()
      await page.locator('.feed-status[data-state="live"]').waitFor()
      expect(await page.getByRole('form', { name: 'Latency' }).isVisible()).toBe(mayControl)
      expect(await page.getByText('You may look at this target, and not change it.').isVisible()).toBe(!mayControl)
    }
    expect(addresses.filter(address => /boss|class/.test(address))).toEqual([])
  })

  it.each(['widgets/element.js', 'target/main.js', 'widgets/page.css'])(
    'loads again if %s did not come, and says so if it never comes',
    async file => {
      const target = await start()
      onTestFinished(() => target.close())
      const context = await browser.newContext()
      onTestFinished(() => context.close())
      const page = await context.newPage()
      let losses = 0
      let mostLosses = 2
      await page.route(`**/${file}`, route =>
        losses++ < mostLosses ? route.abort('internetdisconnected') : route.continue(),
      )
      await page.goto(`${target.url}/_loadcell/ui`)
      await expect.poll(() => losses).toBe(3)
      await page.locator('.feed-status[data-state="live"]').waitFor()
      expect(await page.getByRole('alert').count()).toBe(0)
      losses = 0
      mostLosses = Infinity
      await page.reload()
      await page.getByRole('alert').filter({ hasText: 'Is its server still there?' }).waitFor()
      expect(losses).toBe(4)
    },
  )

  it('takes the colours that its viewer chooses, and remembers them', async () => {
    const { page } = await opened({}, { colorScheme: 'light' })
    const paper = () => page.evaluate('getComputedStyle(document.body).backgroundColor')
    const light = await paper()
    await page.getByLabel('Colours').selectOption('dark')
    expect(await paper()).not.toBe(light)
    await page.reload()
    await page.locator('.feed-status[data-state="live"]').waitFor()
    expect(await paper()).not.toBe(light)
  })
})
