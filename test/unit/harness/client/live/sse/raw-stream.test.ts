import type { ServerResponse } from 'node:http'
import { describe, expect, test } from 'vitest'
import type { RawEvent, RawStreamOptions, StreamOptions } from '../../../../../../harness/scenario/streams.ts'
import { bodyOf, serve } from '../../support.ts'

function open(response: ServerResponse, text: string): ServerResponse {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(text)
  return response
}

const collect = (stream: AsyncIterable<RawEvent>) => Array.fromAsync(stream)

describe('a raw stream', () => {
  test('yields the text of any event, with every line end, comments, a byte order mark and no ids', async () => {
    const { sse, recorder } = await serve((_request, response) => {
      open(
        response,
        '\ufeff: hello\r\nevent: reset\r\ndata: {"cursor":"x"}\r\n\r\ndata: plain\rdata: text\r\r: ping\n\nid: 7\ndata: {"a":1}\n\n',
      )
    })
    expect(await collect(sse.open('/events', { raw: true, events: 3 }))).toEqual([
      { type: 'reset', id: '', data: '{"cursor":"x"}' },
      { type: 'message', id: '', data: 'plain\ntext' },
      { type: 'message', id: '7', data: '{"a":1}' },
    ])
    const counted = ['sse_events', 'sse_events_unplaced', 'event_gaps', 'event_duplicates', 'sse_resets'] as const
    expect(counted.map(metric => recorder.sum(metric))).toEqual([3, 3, 0, 0, 0])
    expect(recorder.failures).toEqual([])
  })

  test('of a Loadcell target is counted as its ledger counts it, without its control frames', async () => {
    const { sse, recorder, client } = await serve((_request, response) => {
      open(response, 'event: reset\ndata: {"cursor":"c1"}\n\nid: c1\ndata: {"offset":5}\n\n')
    })
    expect(await collect(sse.open('/v1/streams/orders', { raw: true, events: 2 }))).toHaveLength(2)
    expect(recorder.of('sse_events').map(({ tags, value }) => [tags.stream, value])).toEqual([['(other)', 1]])
    expect(client.observations().consumers).toMatchObject([{ received: 1 }])
  })

  test('is opened again after the time that the server asks for, with the last id, and ends with a 204', async () => {
    const ids: unknown[] = []
    const { sse, recorder } = await serve((request, response) => {
      ids.push(request.headers['last-event-id'])
      if (ids.length === 3) return response.writeHead(204).end()
      return open(response, `retry: 15\nid: ${ids.length}\ndata: x\n\n`).end()
    })
    expect(await collect(sse.open('/events', { raw: true, jitter: 0 }))).toHaveLength(2)
    expect(ids).toEqual([undefined, '1', '2'])
    const pauses = recorder.of('reconnect_duration').map(({ value }) => value)
    expect(pauses).toHaveLength(1)
    // The default is two seconds, and `retry` asks for 15 ms.
    expect(pauses[0]).toBeGreaterThanOrEqual(15)
    expect(pauses[0]).toBeLessThan(1900)
  })
})

describe('a raw stream of a POST', () => {
  test('sends its body, counts its bytes, and ends with the response', async () => {
    const requests: unknown[] = []
    const { sse, recorder } = await serve(async (request, response) => {
      const body = await bodyOf(request)
      requests.push([request.method, request.headers['content-type'], request.headers.accept, body.toString()])
      open(response, 'data: {"delta":"Hel"}\n\ndata: {"delta":"lo"}\n\ndata: [DONE]\n\n').end()
    })
    const json = { model: 'm', stream: true }
    const events = await collect(sse.open('/v1/chat/completions', { raw: true, method: 'POST', json }))
    expect(events.map(({ data }) => data)).toEqual(['{"delta":"Hel"}', '{"delta":"lo"}', '[DONE]'])
    expect(requests).toEqual([['POST', 'application/json', 'text/event-stream', JSON.stringify(json)]])
    expect(recorder.requests).toMatchObject([
      { status: 200, sentBytes: JSON.stringify(json).length, tags: { method: 'POST', name: '/v1/chat/completions' } },
    ])
    expect(recorder.of('sse_time_to_first_event')).toHaveLength(1)
  })

  test('keeps its method and body through a redirect that keeps them, and loses them otherwise', async () => {
    const requests: unknown[] = []
    const { sse } = await serve(async (request, response) => {
      const body = await bodyOf(request)
      requests.push([request.method, request.url, body.toString(), request.headers['content-type']])
      if (request.url === '/307') return response.writeHead(307, { location: '/303' }).end()
      if (request.url === '/303') return response.writeHead(303, { location: '/events' }).end()
      return open(response, 'data: x\n\n').end()
    })
    await collect(sse.open('/307', { raw: true, method: 'post', form: { a: 1 }, reconnect: false }))
    const type = 'application/x-www-form-urlencoded'
    expect(requests).toEqual([
      ['POST', '/307', 'a=1', type],
      ['POST', '/303', 'a=1', type],
      ['GET', '/events', '', undefined],
    ])
  })

  test.each([
    [{ method: 'POST' }, 'method is an option of raw streams only; add raw: true'],
    [{ json: {} }, 'json is an option of raw streams only; add raw: true'],
    [{ raw: 1 }, 'expected raw to be true or false, got 1'],
    [{ raw: true, json: {} }, 'expected a stream with a body to have a method such as POST, got GET'],
    [{ raw: true, method: 'PO ST' }, 'expected the method of a request such as GET'],
    [{ raw: true, method: 'POST', json: {}, form: {} }, 'expected one of json, form and body'],
    [{ raw: true, method: 'POST', body: new FormData() }, 'expected a body of text or bytes'],
    [
      { raw: true, method: 'POST', body: 'x', headers: { 'content-length': '2' } },
      'expected the header "content-length"',
    ],
  ])('throws at once for options that make no sense: %j', async (options, message) => {
    const { sse } = await serve((_request, response) => response.end())
    expect(() => sse.open('/events', options as StreamOptions | RawStreamOptions as StreamOptions)).toThrow(message)
  })
})
