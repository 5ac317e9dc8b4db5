import type { BrowserContextOptions } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { renderHistory } from '../../harness/report/history-page/page.ts'
import { comparisonPage } from '../unit/harness/report/comparison-page/fixture.ts'
import { hostile } from '../unit/harness/report/fixture.ts'
import { historyOfDays, releasedHistory } from '../unit/harness/report/history-fixture.ts'
import { hasChromium } from './chromium.ts'
import { contrastOf, drawnCharts, overflowOf, ReportPages } from './report-pages.ts'

describe.skipIf(!hasChromium())('in a browser', () => {
  let pages: ReportPages

  beforeAll(async () => {
    pages = await ReportPages.launch()
  })

  afterAll(() => pages?.close())

  const open = (html: string, options?: BrowserContextOptions) => pages.open(html, options)
  const widths = [500, 1300, 2000]
  const schemes = ['light', 'dark'] as const
  const medians = { '/orders': 14, '/products/of/a/very/long/name/that/has/to/break': 5, [hostile]: 20 }

  describe('the page of a comparison', () => {
    it.each(schemes)('draws both sides in %s, without a complaint and without the network', async colorScheme => {
      const { page, complaints, fetched, close } = await open(comparisonPage({}, { medians }), { colorScheme })
      expect({ charts: await drawnCharts(page), complaints, fetched }).toEqual({
        charts: { throughput: true, response: true, spectrum: true },
        complaints: [],
        fetched: [],
      })
      for (const selector of ['#verdicts .state.failed', '.why', '.interval'])
        expect(await contrastOf(page, selector), selector).toBeGreaterThan(4.5)
      await close()
    })

    it.each(widths)('does not scroll sideways in a window of %d pixels', async width => {
      const { page, close } = await open(comparisonPage({ medians }, { medians }), { viewport: { width, height: 900 } })
      expect(await overflowOf(page)).toBeLessThanOrEqual(0)
      await close()
    })

    it('has the numbers of its charts without scripts', async () => {
      const { page, close } = await open(comparisonPage(), { javaScriptEnabled: false })
      expect(await page.locator('#timeline tbody tr').first().isVisible()).toBe(true)
      expect(await page.locator('.plot').first().isVisible()).toBe(false)
      await close()
    })
  })

  describe('the page of a history', () => {
    it.each(schemes)('shows the change in %s, without a complaint and without the network', async colorScheme => {
      const { page, complaints, fetched, close } = await open(renderHistory(releasedHistory()), { colorScheme })
      expect({ complaints, fetched }).toEqual({ complaints: [], fetched: [] })
      expect(await page.locator('.trend g.worse text').first().isVisible()).toBe(true)
      const stroke = await page.evaluate("getComputedStyle(document.querySelector('.trend .mark')).stroke")
      expect(stroke).toMatch(/^rgb/)
      await close()
    })

    it.each(widths)('does not scroll sideways in a window of %d pixels', async width => {
      const { page, close } = await open(renderHistory(historyOfDays(9, { medians })), {
        viewport: { width, height: 900 },
      })
      expect(await overflowOf(page)).toBeLessThanOrEqual(0)
      expect(await page.locator('main img, main script').count()).toBe(0)
      await close()
    })

    it('breaks the longest names', async () => {
      const history = releasedHistory()
      const [group] = history.groups
      const long = { ...history, groups: [{ ...group!, scenario: 'x'.repeat(5000) }, group!] }
      const { page, close } = await open(renderHistory(long), { viewport: { width: 1300, height: 900 } })
      expect(await overflowOf(page)).toBeLessThanOrEqual(0)
      await close()
    })

    it('needs no script', async () => {
      const { page, close } = await open(renderHistory(releasedHistory()), { javaScriptEnabled: false })
      expect(await page.locator('.trend circle').first().isVisible()).toBe(true)
      await close()
    })
  })
})
