import type { BrowserContextOptions } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunResult } from '../../harness/results/run-result.ts'
import { renderReport } from '../../harness/report/html.ts'
import { brownoutRun, emptyRun, failedRun, lagRun, passedRun, stormRun } from '../unit/harness/report/fixture.ts'
import { hasChromium } from './chromium.ts'
import { contrastOf, drawnCharts, overflowOf, ReportPages } from './report-pages.ts'

describe.skipIf(!hasChromium())('the report in a browser', () => {
  let pages: ReportPages

  beforeAll(async () => {
    pages = await ReportPages.launch()
  })

  afterAll(() => pages?.close())

  const open = (result: RunResult, options?: BrowserContextOptions, headers?: Record<string, string>) =>
    pages.open(renderReport(result), options, headers)

  it('draws every chart, without a complaint and without the network', async () => {
    const { page, complaints, fetched, close } = await open(failedRun())
    expect(await drawnCharts(page)).toEqual({
      throughput: true,
      response: true,
      heat: true,
      failures: true,
      'first-byte': true,
      bytes: true,
      users: true,
      openings: true,
      events: true,
      e2e: true,
      generator: true,
      'target-cpu': true,
      'target-loop': true,
      'target-memory': true,
      'target-connections': true,
      'server-0': true,
      'server-1': true,
      spectrum: true,
    })
    expect(complaints).toEqual([])
    expect(fetched).toEqual([])
    await close()
  })

  it('draws a mark into every chart over time, and the curve of recovery', async () => {
    const { page, complaints, close } = await open(stormRun())
    expect(complaints).toEqual([])
    expect((await drawnCharts(page))['recovery-0']).toBe(true)
    const marked = await page.evaluate(`(() => {
      const doubt = document.createElement('canvas').getContext('2d')
      doubt.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--doubt')
      doubt.fillRect(0, 0, 1, 1)
      const wanted = [...doubt.getImageData(0, 0, 1, 1).data].join()
      return [...document.querySelectorAll('#charts .plot canvas')].map(canvas => {
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
        let pixels = 0
        for (let at = 0; at < data.length; at += 4) if (data.slice(at, at + 4).join() === wanted) pixels++
        return pixels > 30
      })
    })()`)
    expect(marked).toEqual(Array.from({ length: 16 }, () => true))
    expect(await page.locator('#recovery .u-legend').innerText()).toContain('reader')
    await close()
  })

  it('draws no name of a mark over another, however narrow the window is', async () => {
    const run = stormRun()
    const marks = [
      'pause',
      'resume',
      'scale to a rate of 80',
      'scale to a rate of 120',
      'scale to 2 × the plan',
      'stop',
    ]
    const { page, close } = await open(
      { ...run, marks: marks.map((label, at) => ({ ...run.marks[0]!, label, atMs: 9000 + 1500 * at })) },
      { viewport: { width: 420, height: 900 } },
    )
    await page.evaluate(`(() => {
      window.names = new Map()
      const { clearRect, fillText } = CanvasRenderingContext2D.prototype
      CanvasRenderingContext2D.prototype.clearRect = function (...args) {
        names.set(this.canvas, [])
        return clearRect.apply(this, args)
      }
      CanvasRenderingContext2D.prototype.fillText = function (text, x, y, ...rest) {
        names.get(this.canvas)?.push({ text, x, y, width: this.measureText(text).width })
        return fillText.call(this, text, x, y, ...rest)
      }
    })()`)
    await page.setViewportSize({ width: 400, height: 900 })
    const drawn = () =>
      page.evaluate('[...names.values()]') as Promise<{ text: string; x: number; y: number; width: number }[][]>
    await expect
      .poll(async () => (await drawn()).filter(each => each.some(({ text }) => text === 'pause')).length)
      .toBeGreaterThan(10)
    for (const chart of await drawn()) {
      const names = chart.filter(({ text }) => marks.includes(text))
      const overlaps = names.flatMap((one, at) =>
        names
          .slice(at + 1)
          .filter(other => one.y === other.y && one.x < other.x + other.width && other.x < one.x + one.width)
          .map(other => `${one.text} and ${other.text}`),
      )
      expect(overlaps).toEqual([])
    }
    await close()
  })

  it('has tiles whose notes begin no line with a comma', async () => {
    for (const width of [360, 400, 500, 1300]) {
      const { page, close } = await open(failedRun(), { viewport: { width, height: 900 } })
      const notes = await page.locator('.tiles .note').allInnerTexts()
      expect(notes.filter(note => /(^|\n)\s*,/.test(note))).toEqual([])
      const narrow = await page.evaluate(`[...document.querySelectorAll('.tiles .note')].map(note => {
        note.style.width = '9ch'
        return note.innerText
      })`)
      expect((narrow as string[]).filter(note => /(^|\n)\s*,/.test(note))).toEqual([])
      await close()
    }
  })

  it('draws a band behind every chart over time while faults were on', async () => {
    /** Two rows of the canvas of each chart: through the names at the top, and through the middle. */
    const rows = async (result: RunResult) => {
      const { page, complaints, close } = await open(result)
      expect(complaints).toEqual([])
      const pixels =
        await page.evaluate(`[...document.querySelectorAll('#charts .plot:not([data-chart=heat]) canvas')].map(canvas =>
        [22, canvas.height / 2].map(y => [...canvas.getContext('2d').getImageData(0, y, canvas.width, 1).data]))`)
      await close()
      return pixels as [number[], number[]][]
    }
    const ill = brownoutRun()
    const well = { ...ill, bands: ill.bands.map(band => ({ ...band, rules: [] })) }
    const [banded, plain] = [await rows(ill), await rows(well)]
    expect(banded.length).toBeGreaterThan(3)
    for (const [chart, both] of banded.entries()) {
      const [names, middle] = both.map((row, at) =>
        row.flatMap((value, index) => (value === plain[chart]?.[at]?.[index] ? [] : [Math.floor(index / 4)])),
      ) as [number[], number[]]
      // Ten seconds of forty, without the axes.
      expect(middle.length / both[1].length).toBeGreaterThan(0.13)
      expect(middle.length / both[1].length).toBeLessThan(0.3)
      // What is in the colour of faults at the top lies in the band as well; a line may hide some pixels of its edge.
      expect(names.length).toBeGreaterThan(0)
      expect(names[0]).toBeGreaterThan(middle[0]! - 8)
      expect(names.at(-1)).toBeLessThan(middle.at(-1)! + 8)
    }
  })

  it('draws the lag of a group, member by member', async () => {
    const { page, complaints, close } = await open(lagRun())
    expect(complaints).toEqual([])
    expect((await drawnCharts(page))['lag-0']).toBe(true)
    expect(await page.locator('[data-chart=lag-0] .u-legend').innerText()).toContain('worker-1/0')
    await close()
  })

  it('runs nothing that came with the run', async () => {
    const { page, close } = await open(failedRun())
    expect(await page.locator('main img, main script').count()).toBe(0)
    expect(await page.locator('#names').innerText()).toContain("<script>alert('x')</script>")
    await close()
  })

  it('shows all charts at the moment that one is pointed at', async () => {
    const { page, close } = await open(failedRun())
    await page.locator('[data-chart=response] .u-over').hover({ position: { x: 200, y: 60 } })
    const times = async () => [
      ...new Set(await page.locator('#charts .u-legend .u-series:first-child .u-value').allInnerTexts()),
    ]
    await expect.poll(times).toEqual([expect.stringMatching(/^0:\d\d$/)])
    await close()
  })

  it('sorts a table by a column, and says so', async () => {
    const { page, close } = await open(failedRun())
    const heading = page.locator('#names th', { hasText: 'Requests' })
    const counts = async () => page.locator('#names tbody tr td:nth-child(3)').allInnerTexts()
    await heading.getByRole('button').click()
    expect(await heading.getAttribute('aria-sort')).toBe('descending')
    expect(await counts()).toEqual(['14,210', '72', '2'])
    await heading.getByRole('button').click()
    expect(await heading.getAttribute('aria-sort')).toBe('ascending')
    expect(await counts()).toEqual(['2', '72', '14,210'])
    const name = page.locator('#names th', { hasText: 'Name' })
    await name.getByRole('button').click()
    expect(await name.getAttribute('aria-sort')).toBe('ascending')
    expect(await heading.getAttribute('aria-sort')).toBeNull()
    await close()
  })

  it.each([
    ['scripts are switched off', { javaScriptEnabled: false }, undefined],
    ['a policy of the server blocks scripts', {}, { 'content-security-policy': "script-src 'none'" }],
  ])('is readable where %s', async (_, options, headers) => {
    const { page, close } = await open(failedRun(), options, headers)
    expect(await page.locator('h1').innerText()).toBe('FAILED')
    expect(await page.locator('#charts .without-script').isVisible()).toBe(true)
    expect(await page.locator('#charts .charts').isVisible()).toBe(false)
    expect(await page.locator('#timeline tbody tr').first().isVisible()).toBe(true)
    expect(await page.locator('#thresholds tbody tr').count()).toBe(6)
    await close()
  })

  it('shows the whole table of errors, however long the names and examples are', async () => {
    const run = failedRun()
    const errors = run.errors.map(error => ({ ...error, name: 'n'.repeat(200), example: 'e'.repeat(300) }))
    const { page, close } = await open({ ...run, errors })
    const hidden = await page.evaluate(
      "(table => table.scrollWidth - table.clientWidth)(document.querySelector('#errors .table'))",
    )
    expect(hidden).toBeLessThanOrEqual(0)
    await close()
  })

  it('keeps to a narrow screen', async () => {
    for (const run of [failedRun(), emptyRun(), stormRun(), lagRun()]) {
      const { page, close } = await open(run, { viewport: { width: 360, height: 800 } })
      const overflow = await overflowOf(page)
      expect(overflow).toBeLessThanOrEqual(0)
      await close()
    }
  })

  it('redraws its charts as wide as the window becomes', async () => {
    const { page, close } = await open(failedRun())
    const width = async () => (await page.locator('[data-chart=users] canvas').boundingBox())?.width ?? 0
    const before = await width()
    await page.setViewportSize({ width: 700, height: 900 })
    await expect.poll(width).not.toBe(before)
    await expect.poll(() => overflowOf(page)).toBeLessThanOrEqual(0)
    await close()
  })

  it.each(['light', 'dark'] as const)('has text that stands out from its ground in %s', async colorScheme => {
    const { page, close } = await open(stormRun(), { colorScheme })
    const places = [
      'body',
      'h1',
      '.tiles .note',
      '.state',
      '.marks strong',
      '.marks span',
      '#thresholds thead th',
      'footer',
      'figcaption span',
    ]
    for (const place of places) {
      const contrast = await contrastOf(page, place)
      expect(contrast, place).toBeGreaterThan(4.5)
    }
    await close()
  })

  it('follows the system from light to dark', async () => {
    const { page, close } = await open(passedRun(), { colorScheme: 'light' })
    const ground = () => page.evaluate('getComputedStyle(document.body).backgroundColor')
    const light = await ground()
    await page.emulateMedia({ colorScheme: 'dark' })
    await expect.poll(ground).not.toBe(light)
    await expect.poll(async () => Object.values(await drawnCharts(page))).not.toContain(false)
    await close()
  })

  it('is dark on light on paper, whatever the screen is', async () => {
    const { page, close } = await open(passedRun(), { colorScheme: 'dark' })
    await page.emulateMedia({ colorScheme: 'dark', media: 'print' })
    const ink = () => page.evaluate('getComputedStyle(document.body).color')
    const onPaper = await ink()
    await page.emulateMedia({ colorScheme: 'light', media: 'screen' })
    expect(onPaper).toBe(await ink())
    await page.emulateMedia({ colorScheme: 'dark', media: 'print' })
    await expect.poll(async () => Object.values(await drawnCharts(page))).not.toContain(false)
    await close()
  })

  it('shows a run in which nothing happened', async () => {
    const { page, complaints, close } = await open(emptyRun())
    expect(complaints).toEqual([])
    expect(await page.locator('.plot').count()).toBe(0)
    await close()
  })

  it('draws a run of a single second', async () => {
    const run = failedRun()
    const { page, complaints, close } = await open({ ...run, timeline: run.timeline.slice(0, 1) })
    expect(complaints).toEqual([])
    expect((await drawnCharts(page))['throughput']).toBe(true)
    await close()
  })
})
