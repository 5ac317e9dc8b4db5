import type { BrowserContextOptions } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AuditResult } from '../../calibration/audit/audit-result.ts'
import { renderAudit } from '../../calibration/audit/html/page.ts'
import { blindAudit, emptyAudit, trustworthyAudit, wrongAudit } from '../unit/calibration/audit/html/fixture.ts'
import { hasChromium } from './chromium.ts'
import { contrastOf, drawnCharts, overflowOf, ReportPages, unfoldAll, violationsOf } from './report-pages.ts'

describe.skipIf(!hasChromium())('the page of an audit in a browser', () => {
  let pages: ReportPages

  beforeAll(async () => {
    pages = await ReportPages.launch()
  })

  afterAll(() => pages?.close())

  const open = (result: AuditResult, options?: BrowserContextOptions, headers?: Record<string, string>) =>
    pages.open(renderAudit(result), options, headers)

  it.each(['light', 'dark'] as const)(
    'draws every chart in %s, without a complaint and without the network',
    async colorScheme => {
      const { page, complaints, fetched, close } = await open(blindAudit(), { colorScheme })
      expect({ charts: await drawnCharts(page), complaints, fetched }).toEqual({
        charts: { arrivals: true, concurrency: true, service: true, spectrum: true },
        complaints: [],
        fetched: [],
      })
      await close()
    },
  )

  it('lays the spectrum of the tool over that of the target', async () => {
    const { page, close } = await open(wrongAudit())
    expect(await page.locator('[data-chart=spectrum] .u-legend .u-label').allInnerTexts()).toEqual([
      '',
      'tool',
      'target',
      'from due',
    ])
    await close()
  })

  it('draws a spectrum in which the tool reports times of zero', async () => {
    const audit = wrongAudit()
    audit.latency.spectrum = audit.latency.spectrum.map(point => ({ ...point, toolMs: 0 }))
    const { page, complaints, close } = await open(audit)
    expect({ drawn: (await drawnCharts(page))['spectrum'], complaints }).toEqual({ drawn: true, complaints: [] })
    await close()
  })

  it('runs nothing that came with the audit', async () => {
    const { page, close } = await open(blindAudit())
    expect(await page.locator('main img, main script').count()).toBe(0)
    expect(await page.locator('#findings').innerText()).toContain("<script>alert('x')</script>")
    await close()
  })

  it.each([
    ['scripts are switched off', { javaScriptEnabled: false }, undefined],
    ['a policy of the server blocks scripts', {}, { 'content-security-policy': "script-src 'none'" }],
  ])('is readable where %s', async (_, options, headers) => {
    const { page, close } = await open(blindAudit(), options, headers)
    const isVisible = (selector: string) => page.locator(selector).first().isVisible()
    expect({
      verdict: await page.locator('h1').innerText(),
      hint: await isVisible('#charts .without-script'),
      plots: await isVisible('.plot'),
      timeline: await isVisible('#timeline tbody tr'),
      words: await isVisible('.words dd'),
      spectrum: await isVisible('#spectrum tbody tr'),
      bars: await isVisible('.bar'),
      mutations: await page.locator('#mutations tbody tr').count(),
    }).toEqual({
      verdict: 'TRUE BUT BLIND',
      hint: true,
      plots: false,
      timeline: true,
      words: true,
      spectrum: true,
      bars: true,
      mutations: 4,
    })
    await close()
  })

  it.each([360, 500, 1300, 2000])('is not wider than a window of %i px', async width => {
    for (const audit of [blindAudit(), wrongAudit(), emptyAudit(), trustworthyAudit()]) {
      const { page, complaints, close } = await open(audit, { viewport: { width, height: 900 } })
      expect({ overflow: await overflowOf(page), complaints }).toEqual({ overflow: 0, complaints: [] })
      await close()
    }
  })

  it('shows the reason for a judgement on a narrow screen without scrolling sideways', async () => {
    const { page, close } = await open(wrongAudit(), { viewport: { width: 500, height: 900 } })
    const reason = page.locator('#reconciliation td.prose', { hasText: '10 are missing' }).first()
    const box = await reason.boundingBox()
    expect(box!.x + box!.width).toBeLessThanOrEqual(500)
    await close()
  })

  it('folds and unfolds findings and operations by the keyboard', async () => {
    const { page, close } = await open(wrongAudit())
    for (const place of ['details.finding', 'details.scope']) {
      const details = page.locator(place).last()
      const inside = details.locator('dl, table').first()
      expect(await inside.isVisible(), place).toBe(false)
      await details.locator('summary').focus()
      await page.keyboard.press('Enter')
      expect(await inside.isVisible(), place).toBe(true)
    }
    await close()
  })

  it('shows on paper what is folded on the screen', async () => {
    const { page, close } = await open(wrongAudit())
    const folded = page.locator('details.scope:not([open]) table')
    const height = async () => (await folded.boundingBox())?.height ?? 0
    expect(await height()).toBe(0)
    await page.emulateMedia({ media: 'print' })
    expect(await height()).toBeGreaterThan(50)
    await close()
  })

  it.each(['light', 'dark'] as const)('has text that stands out from its ground in %s', async colorScheme => {
    for (const audit of [blindAudit(), wrongAudit(), trustworthyAudit()]) {
      const { page, close } = await open(audit, { colorScheme })
      const places = ['h1', '.tiles .note', '.state', '.part', '.table .prose', 'summary', 'footer', 'figcaption span']
      for (const place of places.filter(each => audit.findings.length > 0 || each !== '.part'))
        expect(await contrastOf(page, place), `${place}, ${audit.verdict.word}`).toBeGreaterThan(4.5)
      await close()
    }
  })

  it.each([
    ['light', 1300],
    ['dark', 500],
  ] as const)('has nothing that keeps people out, in %s at %i px', async (colorScheme, width) => {
    for (const audit of [blindAudit(), wrongAudit(), emptyAudit()]) {
      const { page, close } = await open(audit, { colorScheme, viewport: { width, height: 900 } })
      await unfoldAll(page)
      expect(await violationsOf(page), audit.verdict.word).toEqual([])
      await close()
    }
  })

  it('keeps its verdict and its contents in sight', async () => {
    const { page, close } = await open(wrongAudit())
    await page.locator('#reading').scrollIntoViewIfNeeded()
    expect((await page.locator('.brief strong').boundingBox())!.y).toBeGreaterThanOrEqual(0)
    expect(await page.locator('.contents a').count()).toBe(await page.locator('main > section').count())
    await close()
  })

  it('shows an audit in which nothing happened', async () => {
    const { page, complaints, close } = await open(emptyAudit())
    expect(complaints).toEqual([])
    expect(await page.locator('.plot').count()).toBe(0)
    await close()
  })
})
