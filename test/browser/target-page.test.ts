import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunningTarget, startTarget } from '../../target/app.ts'
import { loadConfiguration } from '../../target/configuration/load.ts'
import { hasChromium, launchChromium } from './chromium.ts'
import { openLivePage } from './live-pages.ts'
import { overflowOf, violationsOf } from './report-pages.ts'

describe.skipIf(!hasChromium())('the live page of the target in a browser', () => {
  let browser: Browser
  let target: RunningTarget

  beforeAll(async () => {
    const flags = { 'http.port': '0', 'log.level': 'silent' }
    target = await startTarget(loadConfiguration({ env: {}, flags }))
    browser = await launchChromium()
  })

  afterAll(async () => {
    await browser?.close()
    await target?.close()
  })

  const open = (options = {}) => openLivePage(browser, `${target.url}/_loadcell/ui`, options)

  it('shows the number of requests as the ledger counts them, and counts nothing itself', async () => {
    const { page, complaints, close } = await open()
    for (let at = 0; at < 7; at++) await fetch(`${target.url}/products/1`)
    await page.locator('[data-number="arrived"]', { hasText: /^7$/ }).waitFor()
    const ledger = await (await fetch(`${target.url}/_loadcell/ledger`)).json()
    expect(ledger).toMatchObject({ operations: [{ arrivals: 7 }], open: { requests: 0 } })
    expect(complaints).toEqual([])
    await close()
  })

  it.each([
    [400, 'dark'],
    [700, 'light'],
    [1300, 'dark'],
    [2000, 'light'],
  ] as const)('fits a window of %i px in %s, without a complaint, for everybody', async (width, colorScheme) => {
    const { page, complaints, close } = await open({ viewport: { width, height: 900 }, colorScheme })
    await page.locator('.uplot canvas').first().waitFor()
    expect({ overflow: await overflowOf(page), complaints }).toEqual({ overflow: 0, complaints: [] })
    expect(await violationsOf(page)).toEqual([])
    await close()
  })
})
