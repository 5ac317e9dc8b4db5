import { describe, expect, it } from 'vitest'
import { longestName } from '../../../contract/name.ts'
import { NaiveSocket } from '../../support/naive-socket.ts'
import { rawExchange } from '../../support/raw-exchange.ts'
import { event, type TestTarget, testTarget } from './support.ts'

const NAMES = [
  'iot.telemetry',
  'Orders:EU',
  'a/b',
  'a%2Fb',
  '100%',
  'a+b c',
  'user@example.com',
  'a@17',
  '東京 😀',
  'é',
  '"quoted" \\ <b>&amp;',
  '...',
  '__proto__',
  'constructor',
  'poll',
  'x'.repeat(longestName),
  '😀'.repeat(longestName / 2),
]
const NO_NAMES: [what: string, name: string][] = [
  ['nothing', ''],
  ['a line break', 'a\nb'],
  ['a NUL', '\0'],
  ['another control character', 'a\u0085'],
  ['a lone surrogate', 'a\ud800'],
  ['the folder itself', '.'],
  ['the folder above', '..'],
  ['a character too many', 'x'.repeat(longestName + 1)],
]

describe.each(NAMES)('%j names', name => {
  const encoded = encodeURIComponent(name)

  it('a stream, a tenant, a run, a consumer and a group', async () => {
    const target = await testTarget()
    // They go out as UTF-8.
    const sent = { 'x-tenant-id': name, 'x-loadcell-run': name, 'x-loadcell-exchange': name }
    const authorization = `Bearer ${await target.token('producer')}`
    const body = JSON.stringify({ stream: name, events: [{ ...event('e-1'), event_type: `${name.slice(0, 100)}!` }] })
    const published = await rawExchange(target.port, '/v1/events/batch', {
      method: 'POST',
      headers: { ...sent, authorization, 'content-length': String(Buffer.byteLength(body)) },
      body,
    })
    expect(published.status).toBe(202)
    expect(JSON.parse(published.body)).toMatchObject({ accepted_count: 1 })

    const headers = { ...sent, authorization: `Bearer ${await target.token('consumer')}` }
    const stats = await rawExchange(target.port, `/v1/streams/${encoded}/stats`, { headers })
    expect(utf8(stats.body)).toMatchObject({ stream: name, accepted: 1 })
    const query = `from=earliest&timeout=0&consumer_group=${encoded}&region=${encoded}`
    const polled = await rawExchange(target.port, `/v1/streams/${encoded}/poll?${query}`, { headers })
    const { events, cursor } = utf8(polled.body) as { events: unknown[]; cursor: string }
    expect(events).toMatchObject([{ stream: name, event_type: `${name.slice(0, 100)}!`, event_id: 'e-1' }])
    const again = await rawExchange(target.port, `/v1/streams/${encoded}/poll?timeout=0&cursor=${cursor}`, { headers })
    expect(again.status).toBe(204)
    const followed = await followOnce(target, `/v1/streams/${encoded}?from=earliest&event_type=`, name, headers)
    expect(followed).toContain(`data: {"event_type":`)
    expect(JSON.parse(/^data: (.*)$/m.exec(followed)![1]!)).toMatchObject({ stream: name })
    expect(/^event: (.*)$/m.exec(followed)![1]).toBe(`${name.slice(0, 100)}!`)

    const report = await target.settledLedger(encoded)
    expect(report.run).toBe(name)
    expect(Object.entries(report.events.byStream)).toEqual([[name, 1]])
    expect(report.consumers).toMatchObject([{ key: name, streams: [name], delivered: 1 }])
    expect(report.streams.deliveries).toMatchObject([{ stream: name, polled: 1 }])
    expect((await fetch(`${target.url}/metrics`)).status).toBe(200)
  })

  it('a room, a topic and a document, and their names in the ledger', async () => {
    const target = await testTarget({ 'notifications.idleMs': '20' })
    const url = (path: string) => `${target.url.replace('http', 'ws')}${path}`
    const chat = await NaiveSocket.open(url(`/ws/chat?token=demo-jwt-token-${encoded.slice(0, 60)}`))
    expect(await chat.ask({ action: 'subscribe', channel: name })).toMatchObject({ channel: name, members: 1 })
    await chat.close()
    const documents = await NaiveSocket.open(url('/ws/collaboration?session=collab-session-1'))
    expect(await documents.ask({ action: 'join_document', documentId: name })).toMatchObject({ documentId: name })
    await documents.close()
    const notifications = await NaiveSocket.open(
      url(`/v1/realtime/notifications?token=${await target.token('consumer')}`),
    )
    const topic = `account.${name}.orders`
    expect(await notifications.ask({ type: 'subscribe', topics: [topic] })).toMatchObject({ topics: [topic] })
    expect(await notifications.next()).toMatchObject({ topic, sequence: 1, id: `${topic}#1` })
    await notifications.close()
  })
})

describe.each(NO_NAMES)('%s names', (_what, name) => {
  const broken = JSON.stringify(name)

  it('no stream, type, group or run, and the response states the rule', async () => {
    const target = await testTarget()
    const authorization = `Bearer ${await target.token('producer')}`
    const post = (path: string, body: unknown) =>
      rawExchange(target.port, path, { method: 'POST', headers: { authorization }, body: JSON.stringify(body) })
    const answers = [
      await post('/v1/events/batch', { stream: name, events: [event('e-1')] }),
      await post('/v1/events/publish', { ...event('e-1'), event_type: name }),
    ]
    const headers = { authorization: `Bearer ${await target.token('consumer')}` }
    const get = (path: string) => rawExchange(target.port, path, { headers })
    // Half a pair of surrogates cannot be percent-encoded, and an empty or a dotted segment is another path.
    const encoded = /\p{Cs}/u.test(name) ? undefined : encodeURIComponent(name)
    if (encoded !== undefined) {
      answers.push(await get(`/v1/streams/orders/poll?consumer_group=${encoded}`))
      if (encoded !== '')
        answers.push(await get(`/_loadcell/ledger?run=${encoded}`), await get(`/v1/streams/${encoded}`))
    }
    for (const { status, body } of answers) {
      expect(body).toContain(`"code":"invalid_name"`)
      expect({ status, includes256Characters: body.includes('256 characters') }).toEqual({
        status: 400,
        includes256Characters: true,
      })
    }
  })

  it('no room, topic, document or symbol, and the socket stays open', async () => {
    const target = await testTarget()
    const url = target.url.replace('http', 'ws')
    const chat = await NaiveSocket.open(`${url}/ws/chat?token=demo-jwt-token-1`)
    expect(await chat.ask({ action: 'subscribe', channel: name }), broken).toMatchObject({ code: 'invalid_name' })
    expect(await chat.ask({ action: 'subscribe', channel: 'fine' })).toMatchObject({ channel: 'fine' })
    await chat.close()
    const documents = await NaiveSocket.open(`${url}/ws/collaboration?session=collab-session-1`)
    const join = { action: 'join_document', documentId: name }
    expect(await documents.ask(join), broken).toMatchObject({ code: 'invalid_name' })
    await documents.close()
    const topics = await NaiveSocket.open(`${url}/v1/realtime/notifications?token=${await target.token('consumer')}`)
    const subscribe = { type: 'subscribe', topics: [`account.${name}.orders`] }
    expect(await topics.ask(subscribe), broken).toMatchObject({ code: 'invalid_name' })
    await topics.close()
    const quotes = await NaiveSocket.open(`${url}/ws/quotes`)
    const streams = [`quotes.${name}`]
    expect(await quotes.ask({ op: 'subscribe', streams }), broken).toMatchObject({ code: 'invalid_name' })
    await quotes.close()
  })
})

it('keeps tenants and rooms apart even if their joined names are equal', async () => {
  const target = await testTarget()
  const open = (tenant: string) =>
    NaiveSocket.open(`${target.url.replace('http', 'ws')}/ws/chat?token=demo-jwt-token-1`, { 'x-tenant-id': tenant })
  const [one, two] = [await open('a'), await open('a b')]
  expect(await one.ask({ action: 'subscribe', channel: 'b c' })).toMatchObject({ members: 1 })
  expect(await two.ask({ action: 'subscribe', channel: 'c' })).toMatchObject({ members: 1 })
  await one.close()
  await two.close()
})

function utf8(body: string): unknown {
  return JSON.parse(Buffer.from(body, 'latin1').toString())
}

/** Returns everything that a stream sends up to its first event. */
async function followOnce(
  target: TestTarget,
  path: string,
  name: string,
  headers: Record<string, string>,
): Promise<string> {
  const type = name.includes(',') ? '' : encodeURIComponent(`${name.slice(0, 100)}!`)
  const abort = new AbortController()
  // In `fetch`, each character of a header is a byte.
  const asBytes = Object.entries(headers).map(([key, value]) => [key, Buffer.from(value).toString('latin1')] as const)
  const answer = await fetch(`${target.url}${path}${type}`, {
    headers: Object.fromEntries(asBytes),
    signal: abort.signal,
  })
  let text = ''
  for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk
    if (text.includes('data: {"event_type"') && text.endsWith('\n\n')) break
  }
  abort.abort()
  return text
}
