import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OpenApiDocument } from '../../target/openapi/specification.ts'
import { type RunningTarget, startTarget } from '../../target/app.ts'
import { loadConfiguration } from '../../target/configuration/load.ts'
import { hasChromium, launchChromium } from './chromium.ts'

describe.skipIf(!hasChromium())('the page at /docs in a browser', () => {
  let browser: Browser
  let target: RunningTarget

  beforeAll(async () => {
    target = await startTarget(loadConfiguration({ env: {}, flags: { 'http.port': '0', 'log.level': 'silent' } }))
    browser = await launchChromium()
  })

  afterAll(async () => {
    await browser?.close()
    await target?.close()
  })

  /** Opens the page, and keeps what the browser complains about and what it asks of others. */
  async function open(path: string) {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
    const complaints: string[] = []
    const strangers: string[] = []
    page.on('console', message => {
      // Chromium has advice on forms, which it does not mean as a complaint.
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
    })
    page.on('pageerror', error => complaints.push(String(error)))
    page.on('request', request => {
      if (!request.url().startsWith(target.url) && !request.url().startsWith('data:')) strangers.push(request.url())
    })
    await page.goto(target.url + path)
    return { page, complaints, strangers }
  }

  it('shows every tag and operation, without a complaint and without strangers', async () => {
    const { page, complaints, strangers } = await open('/docs')
    const served = await fetch(`${target.url}/openapi.json`)
    const { tags, paths, info } = (await served.json()) as OpenApiDocument
    await page.locator('.opblock').first().waitFor()
    expect(await page.locator('.info h1').innerText()).toContain(info.title)
    expect(await page.locator('.opblock-tag').evaluateAll(it => it.map(tag => tag.getAttribute('data-tag')))).toEqual(
      tags.map(({ name }) => name),
    )
    const shown = await page
      .locator('.opblock-summary-path')
      .evaluateAll(it => it.map(p => p.getAttribute('data-path')))
    expect(shown).toEqual(Object.entries(paths).flatMap(([path, item]) => Object.keys(item).map(() => path)))
    expect(await page.locator('.info').innerText()).toContain('reporting-secret')
    expect(complaints).toEqual([])
    expect(strangers).toEqual([])
    await page.close()
  })

  it('sends what is tried out: an example as it stands', async () => {
    const { page, complaints } = await open('/docs')
    const placed = await tryOut(page, 'post', '/api/v1/orders')
    expect(placed).toMatchObject({ status: '201', body: expect.stringContaining('"quantity": 2') as string })
    expect(complaints).toEqual([])
    await page.close()
  })

  it('asks for a token in the name of a client, and shows it from then on', async () => {
    const { page, complaints } = await open('/docs')
    await page.locator('.btn.authorize').first().click()
    const form = page.locator('.auth-container', { hasText: 'clientCredentials' })
    await form.getByLabel('client_id').fill('reporting-service')
    await form.getByLabel('client_secret').fill('reporting-secret')
    await form.locator('.btn.authorize').click()
    await form.getByText('Logout').waitFor()
    await page.locator('.close-modal').click()
    expect(await tryOut(page, 'post', '/api/v1/reports')).toMatchObject({ status: '202' })
    expect(complaints).toEqual([])
    await page.close()
  })

  it('is found from the front page', async () => {
    const { page, complaints } = await open('/')
    await page.getByRole('link', { name: 'The API' }).click()
    await page.locator('.opblock').first().waitFor()
    expect(new URL(page.url()).pathname).toBe('/docs')
    expect(complaints).toEqual([])
    await page.close()
  })
})

/** Unfolds an operation and sends its request as the page proposes it. */
async function tryOut(page: Page, method: string, path: string): Promise<{ status: string; body: string }> {
  const operation = page.locator(`.opblock-${method}`, { has: page.locator(`[data-path="${path}"]`) })
  await operation.locator('.opblock-summary-control').click()
  await operation.locator('.execute').click()
  const response = operation.locator('.live-responses-table .response')
  await response.waitFor()
  return {
    status: (await response.locator('.response-col_status').innerText()).trim(),
    body: await response.locator('.response-col_description').innerText(),
  }
}
