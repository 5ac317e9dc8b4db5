import type { BrowserContextOptions } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunResult } from '../../harness/results/run-result.ts'
import { renderReport } from '../../harness/report/html.ts'
import {
  brownoutRun,
  emptyRun,
  failedRun,
  invalidRun,
  lagRun,
  passedRun,
  stormRun,
} from '../unit/harness/report/fixture.ts'
import { hasChromium } from './chromium.ts'
import { largeRun } from './large-run.ts'
import { drawnCharts, overflowOf, ReportPages, unfoldAll, violationsOf } from './report-pages.ts'

const legendOf = (chart: string) => `[data-chart=${chart}] .u-legend .u-label`
const plotOf = (chart: string) => `reportPage.plotAt(document.querySelector('[data-chart=${chart}]'))`

describe.skipIf(!hasChromium())('exploring the report in a browser', () => {
  let pages: ReportPages

  beforeAll(async () => {
    pages = await ReportPages.launch()
  })

  afterAll(() => pages?.close())

  const open = (result: RunResult, options?: BrowserContextOptions) => pages.open(renderReport(result), options)

  it('shows the charts of one name or user, and of all requests again', async () => {
    const { page, complaints, close } = await open(failedRun())
    const highest = () => page.evaluate(`Math.max(...${plotOf('throughput')}.data[1])`) as Promise<number>
    const all = await highest()
    await page.getByLabel('Charts show').selectOption({ label: 'producer: publish price' })
    expect(await highest()).toBeLessThan(all)
    expect(await page.locator(legendOf('response')).allInnerTexts()).toEqual(['', 'p50', 'p95', 'p99'])
    expect(await page.locator('#chart-response .whose').innerText()).toBe('producer: publish price')
    expect(await page.locator('#chart-users .whose').innerText()).toBe('all requests')
    expect((await drawnCharts(page))['heat']).toBe(true)
    await page.getByLabel('Charts show').selectOption({ label: 'all requests' })
    expect(await highest()).toBe(all)
    expect(await page.locator('.whose').count()).toBe(0)
    expect(complaints).toEqual([])
    await close()
  })

  it('shows the charts of a row whose line is clicked, by the keyboard as well', async () => {
    const { page, close } = await open(failedRun())
    const button = page.locator('#names').getByRole('button', { name: 'Show POST /v1/events/publish in the charts' })
    await button.focus()
    await page.keyboard.press('Enter')
    expect(await page.locator('#chart-throughput .whose').innerText()).toBe('POST /v1/events/publish')
    expect(await button.getAttribute('aria-pressed')).toBe('true')
    await button.click()
    expect(await page.locator('.whose').count()).toBe(0)
    await close()
  })

  it('has charts of every user, task and name, of streams without response times as well', async () => {
    const { page, complaints, close } = await open(failedRun())
    const values = (await page.evaluate(
      `[...document.querySelectorAll('[data-views] option')].map(option => option.value)`,
    )) as string[]
    for (const value of values) {
      await page.getByLabel('Charts show').selectOption(value)
      await page.getByLabel('Logarithmic latency').setChecked(Number(value) % 2 === 0)
    }
    expect(values).toHaveLength(8)
    expect(complaints).toEqual([])
    await close()
  })

  it('puts all columns of a wide table on paper, and nothing that needs a screen', async () => {
    const { page, close } = await open(failedRun(), { viewport: { width: 720, height: 1000 } })
    await page.emulateMedia({ media: 'print' })
    const hidden = await page.evaluate(
      `[...document.querySelectorAll('#names .table, #users .table')].map(table => table.scrollWidth - table.clientWidth)`,
    )
    expect(hidden).toEqual([0, 0])
    for (const selector of ['.standing', '.tools', '.spark', '.on-screen'])
      expect(await page.locator(selector).first().isVisible(), selector).toBe(false)
    await close()
  })

  it('switches latency, and nothing else, to a logarithmic axis', async () => {
    const { page, complaints, close } = await open(failedRun())
    const kinds = () =>
      page.evaluate(
        `['response', 'e2e', 'throughput'].map(id => reportPage.plotAt(document.querySelector('[data-chart=' + id + ']')).scales.y.distr)`,
      )
    expect(await kinds()).toEqual([1, 1, 1])
    await page.getByLabel('Logarithmic latency').check()
    expect(await kinds()).toEqual([3, 3, 1])
    expect(Object.values(await drawnCharts(page))).not.toContain(false)
    expect(complaints).toEqual([])
    await close()
  })

  it('reads, zooms and hides lines by the keyboard, and says the values aloud', async () => {
    const { page, close } = await open(failedRun())
    const seconds = () => page.evaluate(`(({ min, max }) => Math.round(max - min))(${plotOf('users')}.scales.x)`)
    const aloud = page.getByRole('status').last()
    await page.locator('[data-chart=throughput]').focus()
    await page.keyboard.press('Home')
    expect(await aloud.textContent()).toMatch(/^0:00, requests 17, failures 0/)
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('PageDown')
    expect(await aloud.textContent()).toMatch(/^0:11, requests \d+/)
    await page.keyboard.press('+')
    expect(await seconds()).toBeLessThan(30)
    const zoomOut = page.getByRole('button', { name: 'Zoom out' })
    expect(await zoomOut.isVisible()).toBe(true)
    await page.keyboard.press('Escape')
    expect([await seconds(), await zoomOut.isVisible()]).toEqual([40, false])
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    const first = page.locator('[data-chart=throughput] .u-legend th[role=button]').first()
    expect(await first.getAttribute('aria-pressed')).toBe('false')
    expect(await page.evaluate(`${plotOf('throughput')}.series[1].show`)).toBe(false)
    await close()
  })

  it('moves nothing while a chart is pointed at', async () => {
    const { server, ...run } = failedRun()
    // Labels that are longer than a line may move what is below them.
    const short = server.series.filter(({ labels }) => Object.values(labels).every(label => label.length < 20))
    const { page, close } = await open(
      { ...run, server: { ...server, series: short } },
      { viewport: { width: 1300, height: 900 } },
    )
    const height = () => page.evaluate('document.documentElement.scrollHeight')
    const before = await height()
    for (const chart of ['throughput', 'response', 'heat', 'generator']) {
      const over = page.locator(`[data-chart=${chart}] .u-over`)
      await over.scrollIntoViewIfNeeded()
      await over.hover({ position: { x: 200, y: 60 } })
      const value = page.locator(`[data-chart=${chart}] .u-value`).first()
      await expect.poll(() => value.innerText(), { message: chart }).toMatch(/0:\d\d/)
      expect(await height(), chart).toBe(before)
    }
    await close()
  })

  it('zooms all charts over time with one, and keeps that while other requests are shown', async () => {
    const { page, close } = await open(failedRun())
    const over = page.locator('[data-chart=throughput] .u-over')
    await over.scrollIntoViewIfNeeded()
    const box = (await over.boundingBox())!
    await page.mouse.move(box.x + box.width * 0.25, box.y + 50)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 0.75, box.y + 60, { steps: 5 })
    await page.mouse.up()
    const ranges = () =>
      page.evaluate(
        `['throughput', 'heat', 'generator'].map(id => (({ min, max }) => Math.round(max - min))(reportPage.plotAt(document.querySelector('[data-chart=' + id + ']')).scales.x))`,
      )
    expect(await ranges()).toEqual([20, 20, 20])
    await page.getByLabel('Charts show').selectOption({ label: 'producer' })
    expect(await ranges()).toEqual([20, 20, 20])
    await page.getByRole('button', { name: 'Zoom out' }).click()
    expect(await ranges()).toEqual([40, 40, 40])
    await close()
  })

  it('filters a table by words', async () => {
    const { page, close } = await open(largeRun())
    const rows = page.locator('#names tbody tr:visible')
    await page.locator('#names input[type=search]').fill('resources-17 get')
    expect(await rows.count()).toBe(11)
    expect(await page.locator('#names output').innerText()).toBe('11 of 200')
    await page.locator('#names').getByRole('button', { name: 'Requests', exact: true }).click()
    expect(await rows.count()).toBe(11)
    await page.keyboard.press('Shift+Tab')
    await page.locator('#names input[type=search]').press('Escape')
    expect(await rows.count()).toBe(200)
    await close()
  })

  it('stays small and usable with 200 names and an hour of seconds', async () => {
    const report = renderReport(largeRun())
    expect(Buffer.byteLength(report)).toBeLessThan(3_500_000)
    const { page, complaints, close } = await pages.open(report)
    expect(Object.values(await drawnCharts(page))).not.toContain(false)
    await page.getByLabel('Charts show').selectOption({ label: 'GET /v1/resources-150/{id}/details' })
    expect(await page.evaluate(`${plotOf('response')}.data[0].length`)).toBe(112)
    expect(complaints).toEqual([])
    await close()
  })

  it.each([500, 1300, 2000])(
    'keeps the verdict and the contents in sight at %i px, and uses the width',
    async width => {
      const { page, close } = await open(failedRun(), { viewport: { width, height: 900 } })
      await page.locator('#reading').scrollIntoViewIfNeeded()
      const brief = (await page.locator('.brief strong').boundingBox())!
      expect([brief.y >= 0, brief.y < 900]).toEqual([true, true])
      if (width < 1100) await page.locator('.contents summary').click()
      const links = page.locator('.contents a')
      expect(await links.count()).toBe(await page.locator('main > section').count())
      await links.filter({ hasText: 'Requests by name' }).click()
      const top = async () => (await page.locator('#names').boundingBox())!.y
      await expect.poll(top).toBeLessThan(300)
      expect(await top()).toBeGreaterThanOrEqual(0)
      await expect.poll(() => page.locator('.contents a[aria-current]').allTextContents()).toEqual(['Requests by name'])
      const charts = (await page.locator('#charts .charts').boundingBox())!
      expect(width - charts.x - charts.width).toBeLessThan(60)
      expect(await overflowOf(page)).toBeLessThanOrEqual(0)
      await close()
    },
  )

  it('folds what is well, and unfolds what is not', async () => {
    const visible = async (run: RunResult) => {
      const { page, close } = await open(run)
      const seen = await Promise.all(
        ['#validity tbody tr', '#checks tbody tr'].map(rows => page.locator(rows).first().isVisible()),
      )
      await close()
      return seen
    }
    const checks = [{ name: 'is fine', passes: 3, fails: 0 }]
    expect(await visible({ ...passedRun(), checks })).toEqual([false, false])
    expect(await visible(invalidRun())).toEqual([true, true])
  })

  // The parts of a page are seen once. Colours and widths are rules of the whole page, so two runs show them.
  it.each([
    ['light', 1300, [failedRun(), passedRun(), stormRun(), brownoutRun(), lagRun(), emptyRun()]],
    ['dark', 1300, [failedRun(), brownoutRun()]],
    ['light', 500, [failedRun(), stormRun()]],
  ] as const)('has nothing that keeps people out, in %s at %i px', async (colorScheme, width, runs) => {
    for (const run of runs) {
      const { page, close } = await open(run, { colorScheme, viewport: { width, height: 900 } })
      await unfoldAll(page)
      expect(await violationsOf(page), run.run.scenario).toEqual([])
      await close()
    }
  })
})
