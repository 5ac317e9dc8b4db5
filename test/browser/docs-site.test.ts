import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Browser, BrowserContextOptions } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lessons } from '../../cli/scenarios/lessons.ts'
import { keys } from '../../target/configuration/keys.ts'
import { documents, root } from '../support/markdown.ts'
import { hasChromium, launchChromium } from './chromium.ts'
import { overflowOf, violationsOf } from './report-pages.ts'

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}

/** Serves a folder as any web server does that knows nothing of the generator. */
async function serveFolder(folder: string): Promise<Server> {
  const server = createServer(({ url = '/' }, response) => {
    const { pathname } = new URL(url, 'http://site')
    const file = pathname.endsWith('/') ? `${pathname}index.html` : pathname
    try {
      const bytes = readFileSync(join(folder, file))
      response.writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream' }).end(bytes)
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return server
}

describe.skipIf(!hasChromium())('the documentation as a site', () => {
  const folder = mkdtempSync(join(tmpdir(), 'loadcell-site-'))
  let browser: Browser
  let server: Server
  let url: string

  beforeAll(async () => {
    // The generator fails at a link that leads nowhere.
    const vitepress = join(root, 'node_modules/vitepress/bin/vitepress.js')
    await promisify(execFile)(process.execPath, [vitepress, 'build', 'docs', '--outDir', folder], { cwd: root })
    server = await serveFolder(folder)
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    browser = await launchChromium()
  })

  afterAll(async () => {
    await browser?.close()
    server?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  async function open(path: string, options: BrowserContextOptions = {}) {
    const page = await browser.newPage({ viewport: { width: 1300, height: 900 }, ...options })
    const complaints: string[] = []
    page.on('console', message => {
      if (message.type() === 'error') complaints.push(message.text())
    })
    page.on('request', request => {
      if (!request.url().startsWith(url) && !request.url().startsWith('data:'))
        complaints.push(`asked for ${request.url()}`)
    })
    await page.goto(url + path, { waitUntil: 'networkidle' })
    return { page, complaints }
  }

  it('has every document in its navigation, and one that opens from it', async () => {
    const { page, complaints } = await open('/')
    const shown = await page.locator('.VPSidebar a').evaluateAll(links => links.map(link => link.getAttribute('href')))
    const pages = shown.map(href => href?.replace(/#.*/, '').replace(/\.html$/, ''))
    const guides = documents.filter(document => /^docs\/[a-z-]+\.md$/.test(document))
    const expected = guides.map(document => document.replace(/^docs(.*)\.md$/, '$1'))
    expect(expected.filter(path => !pages.includes(path))).toEqual([])
    await page.locator('.VPSidebar a', { hasText: 'Finding capacity' }).click()
    await page.locator('h1', { hasText: 'Finding capacity' }).waitFor()
    expect(complaints).toEqual([])
    await page.close()
  })

  it('finds words in every page, without a network', async () => {
    const { page, complaints } = await open('/')
    await page.locator('.VPNavBarSearch button').click()
    await page.locator('.search-input').fill('dropped_iteration')
    await page.locator('.result', { hasText: 'Measurement' }).first().click()
    await page.waitForURL(/measurement/)
    expect(complaints).toEqual([])
    await page.close()
  })

  it('describes each command with its options, as the command line does', async () => {
    const { page } = await open('/commands/run.html')
    const text = await page.locator('.vp-doc').innerText()
    expect(text).toContain('--max-regression <limit>')
    expect(text).toContain('Ctrl-C (or SIGTERM, SIGHUP) stops gracefully')
    await page.close()
  })

  it('describes each key of the configuration with its type, unit and default, and says whether it changes live', async () => {
    const { page, complaints } = await open('/configuration/keys.html', { viewport: { width: 400, height: 900 } })
    const rows = await page
      .locator('.vp-doc tbody tr')
      .evaluateAll(rows => rows.map(row => [...row.children].slice(0, 5).map(cell => cell.textContent)))
    expect(rows.map(([key]) => key)).toEqual(keys.map(({ path }) => path))
    const about = Object.fromEntries(rows.map(([key, ...others]) => [key, others]))
    expect(about['http.bodyBytes']).toEqual(['whole number 1,024…268,435,456', 'bytes', '1048576', 'no'])
    expect(about['auth.tokenTtl']).toEqual(['duration', 'ms, or as written: 250ms, 1.5s', '1h', 'yes'])
    expect(about['auth.issueCost']?.[0]).toBe('distribution')
    expect(about['reports.failureRate']?.[1]).toBe('share')
    expect(about['auth.mode']?.[0]).toBe('lenient, strict')
    expect(rows.filter(cells => cells.some(cell => cell === ''))).toEqual([])
    expect(await overflowOf(page)).toBeLessThanOrEqual(0)
    expect(complaints).toEqual([])
    await page.close()
  })

  it('shows each ready scenario with its lesson', async () => {
    for (const [name, lesson] of Object.entries(lessons).slice(0, 3)) {
      const { page, complaints } = await open(`/scenarios/${name}.html`)
      expect((await page.locator('.vp-doc').innerText()).toLowerCase()).toContain(lesson.toLowerCase())
      expect(complaints).toEqual([])
      await page.close()
    }
  })

  it.each([
    { width: 400, colorScheme: 'light' as const },
    { width: 1300, colorScheme: 'dark' as const },
    { width: 2000, colorScheme: 'light' as const },
  ])('can be read at $width px in $colorScheme', async ({ width, colorScheme }) => {
    const { page, complaints } = await open('/measurement.html', { viewport: { width, height: 900 }, colorScheme })
    const dark = await page.evaluate('document.documentElement.classList.contains("dark")')
    expect(dark).toBe(colorScheme === 'dark')
    expect(await overflowOf(page)).toBeLessThanOrEqual(0)
    // The theme hides the shortcut beside the word Search from screen readers.
    const violations = await violationsOf(page)
    expect(violations.filter(violation => !violation.startsWith('label-content-name-mismatch'))).toEqual([])
    expect(complaints).toEqual([])
    await page.close()
  })
})
