import type { Browser, BrowserContextOptions, Page } from 'playwright-core'

/** A page in a browser, and everything that the browser complains about. Violations of its policy are among it. */
export interface OpenedPage {
  page: Page
  complaints: string[]
  close: () => Promise<void>
}

/** Opens a live page and waits until it follows its feed. */
export async function openLivePage(
  browser: Browser,
  address: string,
  options: BrowserContextOptions = {},
): Promise<OpenedPage> {
  const context = await browser.newContext({ viewport: { width: 1300, height: 900 }, ...options })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', message => complaints.push(message.text()))
  page.on('pageerror', error => complaints.push(String(error)))
  await page.goto(address)
  await page.locator('.feed-status[data-state="live"]').waitFor()
  return { page, complaints, close: () => context.close() }
}
