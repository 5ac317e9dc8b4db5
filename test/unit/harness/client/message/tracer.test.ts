import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { describe, expect, it, onTestFinished, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { parseTraceparent, type TraceContext } from '../../../../../contract/trace.ts'
import { Tracer } from '../../../../../harness/client/message/tracer.ts'
import { clientOf, createUser, listen, serve } from '../support.ts'

const keys = Array.from({ length: 20_000 }, (_, index) => `7/shopper-${index % 100}/${Math.floor(index / 100)}/0`)

function tracesOf(runId: string, share: number): TraceContext[] {
  const tracer = new Tracer(runId, share)
  return keys.map(key => parseTraceparent(tracer.headers(key)['traceparent'])!)
}

describe('Tracer', () => {
  it('gives each key a trace and a parent of its own', () => {
    const contexts = tracesOf('shop-1', 1)
    expect(new Set(contexts.map(({ trace }) => trace)).size).toBe(keys.length)
    expect(new Set(contexts.map(({ parent }) => parent)).size).toBe(keys.length)
    expect(contexts.every(({ sampled }) => sampled)).toBe(true)
  })

  it('repeats the second half of each trace in a run with the same seed, and shares no trace with it', () => {
    const [one, other] = [tracesOf('shop-1', 1), tracesOf('shop-2', 1)]
    const halves = (contexts: TraceContext[]) => contexts.map(({ trace, parent }) => trace.slice(16) + parent)
    expect(halves(one)).toEqual(halves(other))
    expect(new Set([...one, ...other].map(({ trace }) => trace)).size).toBe(2 * keys.length)
  })

  it('asks to sample the share, always of the same keys, and more keys for a larger share', () => {
    const [none, few, many] = [0, 0.1, 0.5].map(share => tracesOf('shop-1', share)) as [
      TraceContext[],
      TraceContext[],
      TraceContext[],
    ]
    const sampled = (contexts: TraceContext[]) => contexts.filter(each => each.sampled)
    expect(sampled(none)).toHaveLength(0)
    expect(sampled(few).length / keys.length).toBeCloseTo(0.1, 1)
    expect(sampled(many).length / keys.length).toBeCloseTo(0.5, 1)
    const traces = new Set(sampled(many).map(({ trace }) => trace))
    expect(sampled(few).filter(({ trace }) => !traces.has(trace))).toEqual([])
    expect(sampled(few)).toEqual(sampled(tracesOf('shop-1', 0.1)))
  })
})

describe('a run with traces', () => {
  test('names the trace of each request, retry and redirect, each one once', async () => {
    const seen: unknown[] = []
    const { http, recorder } = await serve(
      (request, response) => {
        seen.push(request.headers['traceparent'])
        const moved = request.url === '/from'
        response.writeHead(moved ? 307 : seen.length < 4 ? 503 : 200, moved ? { location: '/to' } : {}).end()
      },
      { trace: 1 },
    )
    await http.get('/from')
    await http.get('/again', { retry: { attempts: 3, backoff: '1ms' } })
    const traces = seen.map(header => parseTraceparent(header)?.trace)
    expect(traces).toHaveLength(4)
    expect(new Set(traces).size).toBe(4)
    expect(traces).not.toContain(undefined)
    expect(recorder.requests.map(({ trace }) => trace)).toEqual(traces)
  })

  test('leaves the trace of a scenario alone, and records it if it is valid', async () => {
    const own = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00'
    const { http, recorder } = await serve(
      (request, response) => response.end(String(request.headers['traceparent'])),
      { trace: 1 },
    )
    expect((await http.get('/', { headers: { Traceparent: own } })).text()).toBe(own)
    expect((await http.get('/', { headers: { traceparent: 'none' } })).text()).toBe('none')
    expect(recorder.requests.map(({ trace }) => trace)).toEqual(['4bf92f3577b34da6a3ce929d0e0e4736', undefined])
  })

  test('names the traces of streams, of their redirects and of their reconnects', async () => {
    const seen: unknown[] = []
    const { sse } = await serve(
      (request, response) => {
        seen.push(request.headers['traceparent'])
        if (request.url === '/from') response.writeHead(307, { location: '/to' }).end()
        else response.writeHead(200, { 'content-type': 'text/event-stream' }).end('retry: 10\n\ndata: {}\n\n')
      },
      { trace: 1 },
    )
    await Array.fromAsync(sse.open('/from', { events: 2 }))
    const traces = seen.slice(0, 4).map(header => parseTraceparent(header)?.trace)
    expect(new Set(traces).size).toBe(4)
    expect(traces).not.toContain(undefined)
  })

  test('names the trace of the handshake of a WebSocket', async () => {
    const server = createServer()
    const sockets = new WebSocketServer({ server })
    onTestFinished(() => sockets.close())
    const shaken = once(sockets, 'connection') as Promise<[unknown, { headers: IncomingHttpHeaders }]>
    const { ws, session } = createUser(clientOf(await listen(server), { trace: 1 }))
    await ws.open('/ws')
    const [, { headers }] = await shaken
    expect(parseTraceparent(headers['traceparent'])).toMatchObject({ sampled: true })
    await session.holdings.releaseAll()
  })
})

test('a run without traces names none', async () => {
  const { http, recorder } = await serve((request, response) => response.end(String(request.headers['traceparent'])))
  expect((await http.get('/')).text()).toBe('undefined')
  expect(recorder.requests[0]).toMatchObject({ status: 200, trace: undefined })
})
