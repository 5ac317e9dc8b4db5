import type { Browser, Page } from 'playwright-core'

/** The same picture in both colours. */
export interface Shots {
  light: Buffer
  dark: Buffer
}

/** Prepares a page for its picture, and says which part of it is taken: elements below each other, or all of the window. */
type Preparation = (page: Page) => Promise<string[] | void>

interface ShotOptions {
  width: number
  height: number
  prepare?: Preparation
}

const QUALITY = 0.86
const PADDING = 16
const WAIT_MS = 60_000
const schemes = ['light', 'dark'] as const

/** Takes pictures of pages. */
export class Camera {
  readonly #browser: Browser

  constructor(browser: Browser) {
    this.#browser = browser
  }

  /** Takes a page in both colours. */
  async both(address: string, options: ShotOptions): Promise<Shots> {
    const [light, dark] = await Promise.all(schemes.map(scheme => this.#shot(address, scheme, options)))
    return { light: await this.#small(light!), dark: await this.#small(dark!) }
  }

  /** Takes several pages beside each other, each with a title. */
  async beside(pages: readonly { title: string; address: string }[], options: ShotOptions): Promise<Shots> {
    const taken = await Promise.all(
      schemes.map(scheme => Promise.all(pages.map(({ address }) => this.#shot(address, scheme, options)))),
    )
    const [light, dark] = await Promise.all(
      schemes.map((scheme, at) => {
        const cells = pages.map(({ title }, index) => {
          const picture = taken[at]![index]!.toString('base64')
          return `<div><h2>${title}</h2><img src="data:image/png;base64,${picture}"></div>`
        })
        return this.#shot(`data:text/html;charset=utf-8,${encodeURIComponent(sheetOf(cells))}`, scheme, {
          width: pages.length * options.width + 40,
          height: options.height,
          prepare: async () => ['main'],
        })
      }),
    )
    return { light: await this.#small(light!), dark: await this.#small(dark!) }
  }

  async #shot(address: string, colorScheme: 'light' | 'dark', options: ShotOptions): Promise<Buffer> {
    const { width, height, prepare } = options
    const context = await this.#browser.newContext({ viewport: { width, height }, colorScheme })
    try {
      const page = await context.newPage()
      page.setDefaultTimeout(WAIT_MS)
      await page.goto(address)
      const parts = await prepare?.(page)
      if (!parts) return await page.screenshot()
      const boxes = await Promise.all(parts.map(part => page.locator(part).first().boundingBox()))
      const [first, last] = [boxes[0]!, boxes.at(-1)!]
      const [left, top] = [Math.max(0, first.x - PADDING), Math.max(0, first.y - PADDING)]
      const [right, bottom] = [first.x + first.width + PADDING, last.y + last.height + PADDING]
      const clip = { x: left, y: top, width: Math.min(width, right) - left, height: bottom - top }
      return await page.screenshot({ clip, fullPage: true })
    } finally {
      await context.close()
    }
  }

  /** Returns a picture as WebP, which is a third as large. */
  async #small(png: Buffer): Promise<Buffer> {
    const page = await this.#browser.newPage()
    try {
      const url: string = await page.evaluate(`(async () => {
        const image = new Image()
        image.src = 'data:image/png;base64,${png.toString('base64')}'
        await image.decode()
        const canvas = document.createElement('canvas')
        canvas.width = image.width
        canvas.height = image.height
        canvas.getContext('2d').drawImage(image, 0, 0)
        return canvas.toDataURL('image/webp', ${QUALITY})
      })()`)
      return Buffer.from(url.slice(url.indexOf(',') + 1), 'base64')
    } finally {
      await page.close()
    }
  }
}

function sheetOf(cells: readonly string[]): string {
  return `<!doctype html><meta charset="utf-8"><style>
:root { color-scheme: light dark }
body { margin: 0; background: light-dark(#fcfbf9, #16191d); color: light-dark(#1f2328, #e4e2dd); font: 15px system-ui, sans-serif }
main { display: flex; gap: 24px; padding: 12px 8px }
h2 { margin: 0 0 6px 10px; font-size: 16px; font-weight: 600 }
img { display: block }
</style><main>${cells.join('')}</main>`
}
