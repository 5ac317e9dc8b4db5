import { describe, expect, it } from 'vitest'
import { isSocketOperation, type OperationName } from '../../../contract/api/operations.ts'
import { openApiDocument } from '../../../target/openapi/document.ts'
import { type ApiOperation, readApi } from '../../support/api/documented.ts'
import { authorize, entitled } from '../../support/api/identity.ts'
import { type Outgoing, sender } from '../../support/api/send.ts'
import { testTarget } from './support.ts'

const target = await testTarget({
  'graphql.enabled': 'true',
  'llm.enabled': 'true',
  'stomp.enabled': 'true',
  'grpc.enabled': 'true',
  'socketio.enabled': 'true',
})
const send = sender(target.url)
const get = (path: string, headers: Record<string, string> = {}) => send({ method: 'GET', path, headers })

describe('/openapi.json', () => {
  it('is the document, and is not sent again to a client that has it', async () => {
    const { status, headers, text } = await get('/openapi.json')
    expect({ status, headersContentType: headers['content-type'] }).toEqual({
      status: 200,
      headersContentType: 'application/json; charset=utf-8',
    })
    expect(text).toBe(JSON.stringify(openApiDocument('development')))
    const again = await get('/openapi.json', { 'if-none-match': headers['etag'] as string })
    expect({ againStatus: again.status, againText: again.text }).toEqual({ againStatus: 304, againText: '' })
  })
})

describe.each(['/', '/docs'])('the page at %s', path => {
  it('brings everything with it, and nothing inline', async () => {
    const { status, headers, text } = await get(path)
    expect({ status, headersContentType: headers['content-type'] }).toEqual({
      status: 200,
      headersContentType: 'text/html; charset=utf-8',
    })
    expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
    expect(text).not.toMatch(/<script(?![^>]*src=)|<style|\son\w+=|style=/)
    const links = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(match => match[1] as string)
    expect(links.length).toBeGreaterThan(3)
    for (const link of links) {
      const { status, headers } = await get(link)
      expect({ link, status }).toEqual({ link, status: 200 })
      if (link.startsWith('/docs/')) expect((await get(link, { 'if-none-match': headers['etag']! })).status).toBe(304)
    }
  })
})

describe('the documents', () => {
  it('take HEAD, refuse the rest, and are not counted', async () => {
    for (const path of ['/', '/docs', '/docs/', '/docs/page.js', '/openapi.json']) {
      const head = await send({ method: 'HEAD', path, headers: { 'x-loadcell-run': 'documents' } })
      expect({ headStatus: head.status, headText: head.text }).toEqual({ headStatus: 200, headText: '' })
      const { status, headers } = await send({ method: 'POST', path, headers: { 'x-loadcell-run': 'documents' } })
      expect({ status, headersAllow: headers['allow'] }).toEqual({ status: 405, headersAllow: 'GET, HEAD, OPTIONS' })
    }
    expect((await send({ method: 'GET', path: '/_loadcell/ledger?run=documents' })).status).toBe(404)
  })
})

describe('an example in the document', () => {
  const operations = readApi(openApiDocument('development'))
  const requests = operations.flatMap(operation => requestsOf(operation).map(request => ({ operation, ...request })))

  it.each(requests)('of $operation.name ($example) is answered as it says', async ({ operation, outgoing }) => {
    const headers = { ...outgoing.headers, ...(await authorize(send, entitled(operation.scope)[0]!)) }
    const answer = await send({ ...outgoing, headers })
    expect(operation.deviations(answer)).toEqual([])
    // A new target has no reports, so their examples end in 404.
    const isThere = !outgoing.path.endsWith('/none') && !outgoing.path.endsWith('/none/download')
    const refusal = refusalOf(operation)
    const expected = refusal !== undefined ? [refusal] : isThere ? [200, 201, 202, 204] : [404]
    expect(expected, answer.text).toContain(answer.status)
  })

  it('is there for every body, but one that only a login can give', () => {
    const bare = operations.filter(({ body }) => body?.required && Object.keys(body.examples).length === 0)
    expect(bare.map(({ name }) => name)).toEqual(['auth.refresh'])
  })
})

/** Returns the status of a request for something that is no plain HTTP; undefined for any other operation. */
function refusalOf({ name }: ApiOperation): number | undefined {
  // As the library refuses what belongs to no session.
  if (name.startsWith('socketio.')) return 400
  if (name.startsWith('grpc.')) return 415
  return isSocketOperation(name as OperationName) ? 426 : undefined
}

/** Builds a request for each example body, or from the parameter examples if there is no body. */
function requestsOf(operation: ApiOperation): { example: string; outgoing: Outgoing }[] {
  const { method, body } = operation
  const path = pathOf(operation)
  const examples = Object.entries(body?.examples ?? {})
  if (examples.length === 0) return body?.required ? [] : [{ example: 'parameters', outgoing: { method, path } }]
  return examples.map(([example, value]) => ({
    example,
    outgoing: { method, path, headers: { 'content-type': body!.mediaType }, body: encode(value, body!.mediaType) },
  }))
}

function pathOf({ path, parameters }: ApiOperation): string {
  const valueOf = (name: string) => encodeURIComponent(String(parameters.find(it => it.name === name)?.example))
  const query = parameters.filter(it => it.in === 'query' && it.required).map(({ name }) => `${name}=${valueOf(name)}`)
  // No events are published for a long poll to return.
  if (parameters.some(({ name }) => name === 'timeout')) query.push('timeout=0')
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => valueOf(name)) + (query.length ? `?${query.join('&')}` : '')
}

function encode(value: unknown, mediaType: string): string {
  return mediaType === 'application/json'
    ? JSON.stringify(value)
    : new URLSearchParams(value as Record<string, string>).toString()
}
