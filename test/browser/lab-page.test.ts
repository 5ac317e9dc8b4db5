import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { labRunner } from '../../cli/lab/lab-runner.ts'
import { LabDesk } from '../../cli/lab/page/lab-desk.ts'
import { LabPageServer } from '../../cli/lab/page/lab-page-server.ts'
import { questionerOf } from '../../cli/lab/questioner.ts'
import { inTerminal } from '../../cli/lab/terminal-lab.ts'
import { scoreOf, type Worksheet } from '../../labs/worksheet.ts'
import { little } from '../../labs/lessons/little.ts'
import { type LabRunner, LabSession } from '../../labs/session.ts'
import { hasChromium, launchChromium, PATIENCE_MS } from './chromium.ts'
import { openLivePage } from './live-pages.ts'
import { overflowOf, violationsOf } from './report-pages.ts'

const SEED = 3
const session = { seed: SEED, version: '0.0.0', learner: 'Ada' }
const realRun = labRunner(SEED, '0.0.0', new AbortController().signal)
const kneeNumbers = { quarter: 14, half: 21, threeQuarters: 38, nearlyFull: 90 }
const quickRun: LabRunner = ({ measures }) =>
  Promise.resolve({ ...Object.fromEntries(Object.keys(measures).map(name => [name, 0.5])), ...kneeNumbers })

describe.skipIf(!hasChromium())('a lab on its page', () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await launchChromium()
  })

  afterAll(() => browser?.close())

  async function open(run: LabRunner, path: string, options: BrowserContextOptions = {}) {
    const folder = mkdtempSync(join(tmpdir(), 'loadcell-lab-page-'))
    const desk = new LabDesk({ run, ...session, folder, onWorksheet() {} })
    const server = await LabPageServer.open(0, desk)
    onTestFinished(() => {
      server.close()
      rmSync(folder, { recursive: true })
    })
    const opened = await openLivePage(browser, server.address + path, options)
    onTestFinished(() => opened.close())
    const worksheet = (lab: string) => JSON.parse(readFileSync(join(folder, `${lab}.json`), 'utf8')) as Worksheet
    return { ...opened, address: server.address, worksheet }
  }

  /** Presses Tab until the element with this accessible name has the focus. */
  async function tabTo(page: Page, selector: string): Promise<void> {
    for (let presses = 0; presses < 60; presses++) {
      if (await page.evaluate(`document.activeElement.matches(${JSON.stringify(selector)})`)) return
      await page.keyboard.press('Tab')
    }
    throw new Error(`no Tab leads to ${selector}`)
  }

  it('with the keyboard only gives a worksheet that grades as the one from the terminal does', async () => {
    const { page, complaints, worksheet } = await open(realRun, 'labs/little')
    await tabTo(page, '#predict-present')
    await page.keyboard.type('15')
    await tabTo(page, '#set-seconds')
    await page.keyboard.press('Control+A')
    await page.keyboard.type('2')
    await page.keyboard.press('Enter')
    await page.locator('.attempt').waitFor()
    await tabTo(page, 'input[type=radio]')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.locator('.verdict .grade').waitFor()
    expect(await page.locator('.verdict .grade').innerText()).toBe('✓ Right.')
    expect(complaints).toEqual([])

    const terminal = new LabSession(little, { run: realRun, ...session, settings: { seconds: '2' } })
    const output = new PassThrough().resume()
    const nobody = questionerOf(new PassThrough() as never, output as never, new AbortController().signal)
    await inTerminal(terminal, { predict: { present: '15' }, answer: 2 }, nobody, output)
    const [ofPage, ofTerminal] = [worksheet('little'), terminal.worksheet()]
    expect(scoreOf(ofPage)).toEqual(scoreOf(ofTerminal))
    expect(ofPage.question).toEqual(ofTerminal.question)
    expect(ofPage.attempts[0]!.settings).toEqual(ofTerminal.attempts[0]!.settings)
    // What was measured differs by the moment; the rest does not.
    const grades = ({ attempts }: Worksheet) => attempts[0]!.measures.map(graded => ({ ...graded, measured: 0 }))
    expect(grades(ofPage)).toEqual(grades(ofTerminal))
    expect({ ...ofPage, attempts: [], question: {} }).toEqual({ ...ofTerminal, attempts: [], question: {} })
  })

  it('lets a pointer draw a curve, shows it beside formula and measurement, and grades each of its points', async () => {
    const { page, complaints, worksheet } = await open(quickRun, 'labs/knee')
    const plot = (await page.locator('.lab-plot.editor').boundingBox())!
    const place = async (measure: string) => {
      const box = (await page.locator(`.handle[data-measure=${measure}]`).boundingBox())!
      return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
    }
    const [first, last] = [await place('quarter'), await place('nearlyFull')]
    await page.mouse.move(first.x, first.y - 20)
    await page.mouse.down()
    await page.mouse.move(last.x, plot.y + 60, { steps: 12 })
    await page.mouse.up()
    const drawn = (await page.evaluate(
      `[...document.querySelectorAll('.points input')].map(input => Number(input.value))`,
    )) as number[]
    expect(drawn).toEqual([...drawn].sort((a, b) => a - b))
    expect(drawn[0]).toBeGreaterThan(0)
    expect(drawn[3]).toBeGreaterThan(drawn[0]!)
    await page.getByRole('button', { name: 'Run' }).click()
    await page.locator('.attempt').waitFor()
    const { measures } = worksheet('knee').attempts[0]!
    expect(measures.map(({ predicted }) => predicted)).toEqual(drawn)
    expect(await page.locator('.attempt td.measured').allInnerTexts()).toEqual([
      '14.0 ms',
      '21.0 ms',
      '38.0 ms',
      '90.0 ms',
    ])
    for (const line of ['predicted', 'theory']) {
      const path = await page.locator(`.attempt .series.${line}`).getAttribute('d')
      expect(path!.split('L').length, line).toBe(line === 'theory' ? 61 : 4)
    }
    expect(await page.locator('.attempt .lab-plot .mark-measured').count()).toBe(4)
    expect(complaints).toEqual([])
  })

  it('lets arrow keys draw the same curve, and says what they have drawn', async () => {
    const { page, worksheet } = await open(quickRun, 'labs/knee')
    await tabTo(page, '.handle[data-measure=half]')
    const handle = page.locator('.handle[data-measure=half]')
    expect(await handle.getAttribute('aria-valuetext')).toBe('not drawn yet')
    await page.keyboard.press('PageUp')
    await page.keyboard.press('ArrowDown')
    expect(await handle.getAttribute('aria-valuetext')).toBe('18 ms')
    await tabTo(page, '#curve-0-nearlyFull')
    await page.keyboard.type('90')
    await page.keyboard.press('Enter')
    await page.locator('.attempt').waitFor()
    const grades = worksheet('knee').attempts[0]!.measures.map(({ predicted, nearness }) => [predicted, nearness])
    expect(grades).toEqual([
      [undefined, undefined],
      [18, 'right'],
      [undefined, undefined],
      [90, 'right'],
    ])
  })

  it('leads over another run to a new axis, and refuses what is no number', async () => {
    const { page, worksheet } = await open(quickRun, 'labs/knee')
    await page.getByRole('button', { name: 'Run' }).click()
    await page.locator('.attempt').waitFor()
    await page.getByLabel('mean time of a service').fill('20')
    await page.locator('#set-seconds').focus()
    await page.locator('.editor .tick', { hasText: /^500$/ }).waitFor()
    await page.locator('#curve-0-half').fill('lots')
    await page.getByRole('button', { name: 'Run again' }).click()
    await page.getByText('half: expected a number, in ms, got "lots"').waitFor()
    await page.locator('#curve-0-half').fill('40')
    await page.getByRole('button', { name: 'Run again' }).click()
    await page.getByText('Earlier runs: 1').waitFor()
    expect(worksheet('knee').attempts.map(({ settings }) => settings['serviceMs'])).toEqual([10, 20])
  })

  it('shows a run while it goes on, and stops it', async () => {
    const running: LabRunner = async (_, __, { tell, stop }) => {
      const numbers = { requests: 90, requestsPerSecond: 45, responseP95Ms: 20 }
      tell({ load: 2, elapsedMs: 5000, plannedMs: 10_000, ...numbers })
      const { promise, reject } = Promise.withResolvers<never>()
      stop.addEventListener('abort', () => reject(stop.reason as Error))
      return promise
    }
    const { page } = await open(running, 'labs/knee')
    await page.getByRole('button', { name: 'Run' }).click()
    await page.getByText('Load 2 of 4: 5 of about 10 s, 90 requests, 45 per second').waitFor()
    expect(await page.locator('progress').getAttribute('value')).toBe('0.375')
    expect(await page.evaluate('document.activeElement.id')).toBe('run-title')
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.getByText('There are no numbers: the run was stopped').waitFor()
  })

  it('counts in the list of all labs', async () => {
    const { page, address } = await open(quickRun, 'labs/knee')
    await page.locator('#curve-0-half').fill('21')
    await page.getByRole('button', { name: 'Run' }).click()
    await page.locator('.attempt').waitFor()
    await page.locator('input[type=radio]').first().check()
    await page.getByRole('button', { name: 'Answer' }).click()
    await page.locator('.verdict .grade.off').waitFor()
    await page.goto(address)
    await page.getByText('Labs run: 1 of 20. Questions answered right: 0.').waitFor({ timeout: PATIENCE_MS })
    const row = await page.locator('tr[data-lab=knee] td').allInnerTexts()
    expect(row).toEqual(['3', '1', '1 right, 0 near of 1', '✗ wrong'])
    await page.getByRole('link', { name: "Little's law" }).click()
    await page.getByRole('heading', { name: "2. Little's law" }).waitFor()
  })

  it.each([
    [400, 'dark'],
    [700, 'light'],
    [1300, 'dark'],
    [2000, 'light'],
  ] as const)('fits a window of %i px in %s, for everybody', async (width, colorScheme) => {
    const { page, complaints, address } = await open(quickRun, 'labs/omission', {
      viewport: { width, height: 900 },
      colorScheme,
    })
    await page.locator('.points input').first().fill('10')
    expect(await violationsOf(page)).toEqual([])
    await page.getByRole('button', { name: 'Run' }).click()
    await page.locator('.attempt').waitFor()
    await page.locator('input[type=radio]').first().check()
    await page.getByRole('button', { name: 'Answer' }).click()
    await page.locator('.verdict .grade').waitFor()
    expect({ overflow: await overflowOf(page), complaints }).toEqual({ overflow: 0, complaints: [] })
    expect(await violationsOf(page)).toEqual([])
    await page.goto(address)
    await page.locator('tr[data-lab]').first().waitFor()
    expect({ overflow: await overflowOf(page), complaints }).toEqual({ overflow: 0, complaints: [] })
    expect(await violationsOf(page)).toEqual([])
  })
})
