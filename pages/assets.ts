import { hash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire, stripTypeScriptTypes } from 'node:module'
import { basename, extname, join } from 'node:path'

/** A page, by the folder of its own files. All pages share those of `widgets`. */
export type PageName = 'target' | 'run' | 'lab'

/** A file as a browser gets it. */
export interface LivePageFile {
  mediaType: string
  body: string
  etag: string
}

/** Everything comes from where the page comes from, and nothing is inline. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Headers of each file of a page. It is asked for again each time, because another version may be served at the same address. */
export const pageHeaders = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
}

const mediaTypes: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
}

/** Where this file runs: from the sources, the scripts of pages are TypeScript; from the package, they are built. */
const scriptExtension = extname(import.meta.filename)
const require = createRequire(import.meta.url)

/**
 * The files of one page, by their paths: a fixed table, so that no path leads elsewhere. The page itself has the path `''`, and the
 * others are relative to its address and a slash. Each is read when it is first asked for.
 */
export class PageFiles {
  readonly #places = new Map<string, string>()
  readonly #files = new Map<string, LivePageFile>()
  readonly #base: string

  /** @param base address of the page without a slash at its end, such as `/_loadcell/ui`; empty for the root */
  constructor(page: PageName, base: string) {
    this.#base = base
    this.#places.set('', join(import.meta.dirname, page, 'page.html'))
    this.#places.set('uplot.js', require.resolve('uplot/dist/uPlot.esm.js'))
    this.#places.set('uplot.css', require.resolve('uplot/dist/uPlot.min.css'))
    for (const folder of ['widgets', page]) {
      for (const name of readdirSync(join(import.meta.dirname, folder))) {
        const extension = extname(name)
        if (extension !== '.css' && (extension !== scriptExtension || name.endsWith('.d.ts'))) continue
        const served = extension === '.css' ? name : `${basename(name, extension)}.js`
        this.#places.set(`${folder}/${served}`, join(import.meta.dirname, folder, name))
      }
    }
  }

  /** Paths of all files. */
  get paths(): Iterable<string> {
    return this.#places.keys()
  }

  /** Returns the file with this path. */
  file(path: string): LivePageFile | undefined {
    const known = this.#files.get(path)
    const place = this.#places.get(path)
    if (known !== undefined || place === undefined) return known
    const body = this.#served(readFileSync(place, 'utf8'), place)
    const mediaType = mediaTypes[path === '' ? '.html' : extname(path)]!
    const file = { mediaType, body, etag: `"${hash('sha256', body, 'base64url')}"` }
    this.#files.set(path, file)
    return file
  }

  #served(text: string, place: string): string {
    if (place.endsWith('.html')) return text.replaceAll('%base%', this.#base)
    if (place.endsWith('.css')) return text
    const script = place.endsWith('.ts') ? withoutTypes(text) : text
    // Browsers know neither packages nor files of TypeScript.
    return script
      .replaceAll(/(\bfrom |\bimport )'uplot'/g, `$1'${this.#base}/uplot.js'`)
      .replaceAll(/(\bfrom |\bimport )'(\.[^']+)\.ts'/g, "$1'$2.js'")
  }
}

/** Node warns its users that this is new. Those of Loadcell can do nothing about it. */
function withoutTypes(text: string): string {
  const emitWarning = process.emitWarning.bind(process)
  process.emitWarning = () => {}
  try {
    return stripTypeScriptTypes(text)
  } finally {
    process.emitWarning = emitWarning
  }
}
