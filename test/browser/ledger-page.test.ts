import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunningTarget, startTarget } from '../../target/app.ts'
import { loadConfiguration } from '../../target/configuration/load.ts'
import { hasChromium, launchChromium } from './chromium.ts'
import { contrastOf, overflowOf } from './report-pages.ts'

describe.skipIf(!hasChromium())('the page of the ledger in a browser', () => {
  let browser: Browser
  let target: RunningTarget

  beforeAll(async () => {
    // The control plane has a port of its own, which does not serve the files of /docs.
    const flags = { 'http.port': '0', 'control.port': '0', 'log.level': 'silent' }
    target = await startTarget(loadConfiguration({ env: {}, flags }))
    browser = await launchChromium()
    for (const path of ['/products/1', '/products', `/nowhere/${'x'.repeat(190)}`])
      for (const run of ['default', `nightly-${'7'.repeat(50)}`])
        await fetch(target.url + path, { headers: { 'x-loadcell-run': run } })
  })

  afterAll(async () => {
    await browser?.close()
    await target?.close()
  })

  async function open(width: number, colorScheme: 'light' | 'dark') {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme })
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('console', message => complaints.push(message.text()))
    page.on('pageerror', error => complaints.push(String(error)))
    await page.goto(`${target.controlUrl}/_loadcell/ledger/page`)
    return { page, complaints, close: () => context.close() }
  }

  it.each([
    [360, 'dark'],
    [500, 'light'],
    [1300, 'dark'],
    [2000, 'light'],
  ] as const)('fits a window of %i px in %s, without a complaint', async (width, colorScheme) => {
    const { page, complaints, close } = await open(width, colorScheme)
    expect({ overflow: await overflowOf(page), complaints }).toEqual({ overflow: 0, complaints: [] })
    for (const place of ['h1', 'p', 'a', 'thead th', 'td'])
      expect(await contrastOf(page, place), place).toBeGreaterThan(4.5)
    await close()
  })

  it('leads to the other runs and to the JSON', async () => {
    const { page, complaints, close } = await open(1300, 'light')
    await page.getByRole('link', { name: /nightly/ }).click()
    expect(await page.locator('h1').innerText()).toContain('nightly-7')
    expect(complaints).toEqual([])
    await page.getByRole('link', { name: 'The same as JSON' }).click()
    expect(await page.locator('body').innerText()).toContain('"format":"loadcell.ledger/1"')
    await close()
  })
})
