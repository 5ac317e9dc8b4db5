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
  await page.addInitScript({ content: keepDrawnTexts })
  page.on('console', message => complaints.push(message.text()))
  page.on('pageerror', error => complaints.push(String(error)))
  await page.goto(address)
  await page.locator('.feed-status[data-state="live"]').waitFor()
  return { page, complaints, close: () => context.close() }
}

/** Keeps the texts that are drawn in a canvas in its `data-texts`, because they are nowhere else. */
const keepDrawnTexts = `{
  const drawing = CanvasRenderingContext2D.prototype
  const { clearRect, fillText } = drawing
  drawing.clearRect = function (...place) {
    this.canvas.dataset.texts = '[]'
    clearRect.apply(this, place)
  }
  drawing.fillText = function (text, ...place) {
    this.canvas.dataset.texts = JSON.stringify([...JSON.parse(this.canvas.dataset.texts ?? '[]'), text])
    fillText.call(this, text, ...place)
  }
}`
