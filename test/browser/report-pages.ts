import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { launchChromium } from './chromium.ts'

/** Opens reports in a browser. */
export class ReportPages {
  readonly #browser: Browser
  readonly #folder = mkdtempSync(join(tmpdir(), 'loadcell-report-'))

  private constructor(browser: Browser) {
    this.#browser = browser
  }

  static async launch(): Promise<ReportPages> {
    return new ReportPages(await launchChromium())
  }

  async close(): Promise<void> {
    await this.#browser.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /**
   * Opens a report from a file, as people do, and keeps what the browser complains about and asks the network for.
   * @param headers serves the report instead, with these.
   */
  async open(html: string, options: BrowserContextOptions = {}, headers?: Record<string, string>) {
    const file = join(this.#folder, 'report.html')
    writeFileSync(file, html)
    const context = await this.#browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
    const page = await context.newPage()
    const complaints: string[] = []
    const requests: string[] = []
    page.on('console', message => complaints.push(message.text()))
    page.on('pageerror', error => complaints.push(String(error)))
    page.on('request', request => requests.push(request.url()))
    if (headers === undefined) {
      await page.goto(pathToFileURL(file).href)
    } else {
      await page.route('http://report.test/', route => route.fulfill({ body: html, contentType: 'text/html', headers }))
      await page.goto('http://report.test/')
    }
    const fetched = requests.filter(url => !url.startsWith('data:') && url !== page.url())
    return { page, complaints, fetched, close: () => context.close() }
  }
}

/** By chart: whether a line in its colour is on its canvas; axes and grid alone do not count. */
export async function drawnCharts(page: Page): Promise<Record<string, boolean>> {
  return page.evaluate(`Object.fromEntries([...document.querySelectorAll('.plot')].map(place => {
    const canvas = place.querySelector('canvas')
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
    let coloured = 0
    for (let at = 0; at < data.length; at += 4) {
      const [red, green, blue, alpha] = data.subarray(at, at + 4)
      if (alpha > 200 && Math.max(red, green, blue) - Math.min(red, green, blue) > 60) coloured++
    }
    return [place.dataset.chart, coloured > 20]
  }))`)
}

/** WCAG 2 contrast of the text of the first element that fits against the page. */
export async function contrastOf(page: Page, selector: string): Promise<number> {
  return page.evaluate(`(() => {
    const luminance = color => {
      const [red, green, blue] = color.match(/[\\d.]+/g).map(part => part / 255).map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
    const ink = luminance(getComputedStyle(document.querySelector(${JSON.stringify(selector)})).color)
    const paper = luminance(getComputedStyle(document.body).backgroundColor)
    return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05)
  })()`)
}

const require = createRequire(import.meta.url)
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')

/** Returns what keeps people out by the rules of axe: WCAG A and AA, and good practice. Each with its first element. */
export async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe)
  return page.evaluate(
    `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes[0].html))`,
  )
}

/** Unfolds everything, so that rules see it too. */
export async function unfoldAll(page: Page): Promise<void> {
  await page.evaluate("for (const details of document.querySelectorAll('main details')) details.open = true")
}

/** Returns by how many pixels the page is wider than its window. */
export async function overflowOf(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - window.innerWidth')
}
