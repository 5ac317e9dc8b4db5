import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest'
import { readResult, scratchFolder, startLoadcell, targetOf, writeScenario } from '../e2e/cli/loadcell.ts'
import { hasChromium, launchChromium, PATIENCE_MS } from './chromium.ts'
import { openLivePage } from './live-pages.ts'
import { overflowOf, violationsOf } from './report-pages.ts'

const scenario = `import { scenario, user } from 'loadcell'
export default scenario({
  load: { executor: 'constant-arrival-rate', rate: 20, duration: '5m' },
  warmup: 0,
  users: [user('reader', { iterate: ({ http }) => http.get('/api/v1/products/1') })],
  thresholds: { http_req_failed: ['rate<0.01'] },
})`

describe.skipIf(!hasChromium())('the live page of a run in a browser', { timeout: 3 * PATIENCE_MS }, () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await launchChromium()
  })

  afterAll(() => browser?.close())

  async function begin(onTestFinished: TestContext['onTestFinished']) {
    const out = join(scratchFolder(), 'out')
    const run = startLoadcell(['run', writeScenario(scenario), '--ui', '--out', out])
    onTestFinished(() => void run.child.kill('SIGKILL'))
    await run.said(/live page of this run is \S+#\S+\n/)
    const [, address = ''] = /live page of this run is (\S+)\n/.exec(run.output())!
    return { run, out, address }
  }

  it('steers the run, shows its changes and its end, and leads to the report', async ({ onTestFinished }) => {
    const { run, out, address } = await begin(onTestFinished)
    const { page, complaints, close } = await openLivePage(browser, address)
    await page.locator('[data-phase=running]').waitFor()
    expect(page.url()).not.toContain('#')
    const axis = page.locator('figure', { hasText: 'Users, and requests' }).locator('canvas[data-texts*="0"]')
    await axis.waitFor()
    // There is no half of a user.
    expect(JSON.parse((await axis.getAttribute('data-texts')) ?? '')).not.toContainEqual(expect.stringContaining('.'))
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.locator('[data-phase=paused]').waitFor()
    await page.getByRole('button', { name: 'Resume' }).click()
    await page.locator('[data-phase=running]').waitFor()
    await page.getByLabel('Scale to').fill('30')
    await page.getByLabel('Unit').selectOption('rate')
    await page.getByRole('button', { name: 'Scale', exact: true }).click()
    await page.locator('#marks td', { hasText: 'scale to a rate of 30' }).waitFor()
    await page.reload()
    await page.getByRole('button', { name: 'Stop …' }).click()
    await page.getByRole('button', { name: 'Stop; what has begun may finish' }).click()
    await page.locator('[data-phase=ended]').waitFor()
    const { totals, marks } = readResult(out)
    expect({
      verdict: await page.locator('.verdict').innerText(),
      title: await page.locator('#numbers h2').innerText(),
      requests: await page.locator('[data-number=requests]').innerText(),
      marks: await page.locator('#marks tbody td:nth-child(2)').allInnerTexts(),
      controls: await page.locator('#controls').isVisible(),
      complaints,
    }).toEqual({
      verdict: 'INTERRUPTED',
      title: 'At the end',
      requests: new Intl.NumberFormat('en').format(totals.requests),
      marks: marks.map(({ label }) => label),
      controls: false,
      complaints: [],
    })
    await page.getByRole('link', { name: 'Open the report' }).click()
    await page.getByRole('heading', { level: 1 }).waitFor()
    expect(await page.title()).toContain('INTERRUPTED')
    await close()
    expect((await run.finished).code).toBe(105)
  })

  it('lets those only look who have no key, and fits windows of all sizes, for everybody', async ({
    onTestFinished,
  }) => {
    const { address } = await begin(onTestFinished)
    const [withoutKey = ''] = address.split('#')
    for (const [width, colorScheme] of [
      [400, 'dark'],
      [1300, 'light'],
      [2000, 'dark'],
    ] as const) {
      const viewport = { width, height: 900 }
      const { page, complaints, close } = await openLivePage(browser, width === 1300 ? address : withoutKey, {
        viewport,
        colorScheme,
      })
      await page.locator('#charts canvas').first().waitFor()
      expect({
        overflow: await overflowOf(page),
        pause: await page.getByRole('button', { name: 'Pause' }).isVisible(),
        complaints,
        violations: await violationsOf(page),
      }).toEqual({ overflow: 0, pause: width === 1300, complaints: [], violations: [] })
      await close()
    }
  })

  it('says that the target crashed, and shows the verdict on that', async ({ onTestFinished }) => {
    const { run, address } = await begin(onTestFinished)
    const { page, close } = await openLivePage(browser, address)
    await page.locator('[data-phase=running]').waitFor()
    process.kill(await targetOf(run.child.pid!), 'SIGKILL')
    await page.getByRole('alert').filter({ hasText: 'The target is gone' }).waitFor()
    await page.locator('.verdict', { hasText: 'FAILED' }).waitFor()
    expect(await violationsOf(page)).toEqual([])
    await close()
  })

  it('says that the run itself was killed', async ({ onTestFinished }) => {
    const { run, address } = await begin(onTestFinished)
    const { page, close } = await openLivePage(browser, address)
    await page.locator('[data-phase=running]').waitFor()
    const controlsAt = await topOf(page, '#controls')
    run.child.kill('SIGKILL')
    await page.getByRole('alert').filter({ hasText: 'The run does not answer' }).waitFor()
    expect({
      feed: await page.locator('.feed-status').getAttribute('data-state'),
      phase: await page.locator('[data-phase]').innerText(),
      title: (await page.title()).split(' · ')[0],
      controlsAt: await topOf(page, '#controls'),
    }).toEqual({ feed: 'lost', phase: 'Unknown; when last heard of: Running', title: 'Unknown', controlsAt })
    await close()
  })
})

/** Returns where the top of a part is. */
function topOf(page: Page, selector: string): Promise<number> {
  return page.locator(selector).evaluate(part => part.getBoundingClientRect().top)
}
