import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { LedgerReport } from '../../../contract/ledger.ts'
import { testTarget } from './support.ts'

const hostileRun = '<b>nightly"&7'

async function open(controlUrl: string, path = '/_loadcell/ledger/page') {
  const response = await fetch(new URL(path, controlUrl))
  return { response, page: await response.text() }
}

const hrefOf = (page: string, text: string) =>
  new RegExp(`<a href="([^"]*)"[^>]*>${text}</a>`).exec(page)?.[1]?.replaceAll('&amp;', '&') ?? 'no such link'

describe('the page of the ledger', () => {
  it('shows what happened in a run, with a link to the same as JSON', async () => {
    const target = await testTarget()
    for (let index = 0; index < 3; index++) await fetch(`${target.url}/products/1`)
    await fetch(`${target.url}/nowhere/<i>`)
    await target.settledLedger()
    const { response, page } = await open(target.controlUrl)
    expect({ status: response.status, type: response.headers.get('content-type') }).toEqual({
      status: 200,
      type: 'text/html; charset=utf-8',
    })
    expect(page).toMatch(/<th scope="row">products\.get<\/th><td>3<\/td><td>200 × 3<\/td>/)
    expect(page).toContain('GET /nowhere/%3Ci%3E</th><td>1</td>')
    expect(page).toContain('No request is open.')
    const link = new URL(hrefOf(page, 'The same as JSON'), response.url)
    const { run, operations } = (await (await fetch(link)).json()) as LedgerReport
    expect({ run, operations: operations.map(({ operation }) => operation) }).toEqual({
      run: 'default',
      operations: ['products.get', 'unmatched'],
    })
  })

  it('links the runs, and escapes their names', async () => {
    const target = await testTarget()
    await fetch(`${target.url}/products/1`, { headers: { 'x-loadcell-run': hostileRun } })
    await target.settledLedger()
    const { page, response } = await open(target.controlUrl)
    expect(page).toContain('No request of this run has arrived.')
    expect(page).not.toContain('<b>')
    const link = new URL(hrefOf(page, '&lt;b&gt;nightly&quot;&amp;7'), response.url)
    const other = await open(target.controlUrl, link.href)
    expect(other.page).toContain('<h1>Ledger of run &lt;b&gt;nightly&quot;&amp;7</h1>')
    expect(other.page).toContain('products.get')
    const json = await fetch(new URL(hrefOf(other.page, 'The same as JSON'), other.response.url))
    expect(((await json.json()) as LedgerReport).run).toBe(hostileRun)
  })

  it('allows nothing but its own style', async () => {
    const target = await testTarget()
    const { page, response } = await open(target.controlUrl)
    const style = /<style>([\s\S]*)<\/style>/.exec(page)?.[1] ?? ''
    const hash = createHash('sha256').update(style).digest('base64')
    const policy = response.headers.get('content-security-policy')
    expect(policy).toContain("default-src 'none'; ")
    expect(policy).toContain(`style-src 'sha256-${hash}'; `)
    expect(page.match(/(?:src|href)="(?!data:|\?run=|\.\.\/ledger\?run=)[^"]*"/)).toBeNull()
  })

  it('answers 404 for a run that is not known', async () => {
    const target = await testTarget()
    const { response, page } = await open(target.controlUrl, '/_loadcell/ledger/page?run=unheard-of')
    expect(response.status).toBe(404)
    expect(page).toContain('unknown_run')
  })
})
