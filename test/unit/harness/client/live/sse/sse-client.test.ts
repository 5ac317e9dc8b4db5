import type { ServerResponse } from 'node:http'
import { type Clock, systemClock } from '../../../../../../core/clock.ts'
import { describe, expect, test } from 'vitest'
import type { StreamEvent } from '../../../../../../harness/scenario/streams.ts'
import { serve } from '../../support.ts'

let eventCount = 0

function event(offset: number, more: object = {}): string {
  eventCount += 1
  const data = {
    event_type: 'order.created',
    event_id: `e${eventCount}`,
    data: {},
    stream: 'orders',
    partition: 0,
    offset,
  }
  return `id: c${offset}\nevent: order.created\ndata: ${JSON.stringify({ ...data, ...more })}\n\n`
}

function open(response: ServerResponse, text = ''): ServerResponse {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
  response.write(`retry: 10\n\n${text}`)
  return response
}

async function collect(stream: AsyncIterable<StreamEvent>): Promise<StreamEvent[]> {
  return Array.fromAsync(stream)
}

describe('receiving events of a stream', () => {
  test('delivers each event, parsed, with type and cursor, and identifies the client to the server', async () => {
    const { sse, client } = await serve((request, response) => {
      open(response, event(0, { key: request.headers['x-loadcell-exchange'] }) + event(1))
    })
    const events = await collect(sse.open('/v1/streams/orders', { events: 2 }))
    expect(events.map(({ type, id, event }) => [type, id, event.offset])).toEqual([
      ['order.created', 'c0', 0],
      ['order.created', 'c1', 1],
    ])
    const [consumer] = client.observations().consumers
    expect(events[0]?.event).toMatchObject({ key: consumer?.key })
    expect(consumer).toEqual({ key: '7/shopper-0/0', received: 2 })
  })

  test('measures the stream and records its request once it has ended', async () => {
    const { sse, recorder, client } = await serve((_request, response) => open(response, event(0)))
    const bytes = 'retry: 10\n\n'.length + event(0).length
    for await (const _ of sse.open('/v1/streams/orders')) {
      expect(client.streams.now).toBe(1)
      expect(recorder.requests).toHaveLength(0)
      // Bytes count when they come, because the stream may last as long as the run.
      expect(recorder.of('data_received').reduce((sum, { value }) => sum + value, 0)).toBe(bytes)
      break
    }
    expect(client.streams.now).toBe(0)
    expect(recorder.requests).toMatchObject([
      { status: 200, stream: true, tags: { name: '/v1/streams/{stream}', operation: 'streams.read' } },
    ])
    expect(recorder.requests[0]?.failure).toBeUndefined()
    expect(recorder.requests[0]).toMatchObject({ receivedBytes: bytes, recorded: { receivedBytes: bytes } })
    expect(recorder.of('sse_events')).toMatchObject([{ tags: { stream: 'orders', user: 'shopper' }, value: 1 }])
    expect(recorder.of('sse_session_duration')).toMatchObject([{ tags: { reason: 'end' } }])
    for (const metric of ['sse_sessions', 'sse_connecting', 'sse_time_to_first_event'] as const) {
      expect(recorder.of(metric), metric).toHaveLength(1)
    }
  })

  test('text split anywhere arrives whole', async () => {
    const bytes = Buffer.from(event(0, { data: { text: 'Zoë ☕' } }))
    const { sse } = await serve(async (_request, response) => {
      open(response)
      for (const byte of bytes) {
        response.write(Buffer.of(byte))
        await new Promise(setImmediate)
      }
    })
    const [received] = await collect(sse.open('/', { events: 1 }))
    expect(received?.event.data).toEqual({ text: 'Zoë ☕' })
  })

  test('latency is measured for events that carry a time, and not for those of the feed', async () => {
    const { sse, recorder } = await serve((_request, response) =>
      open(
        response,
        event(0) + event(1, { timestamp: Date.now() - 1000 }) + event(2, { timestamp: 1, source: 'loadcell-feed' }),
      ),
    )
    await collect(sse.open('/', { events: 3 }))
    expect(recorder.of('event_e2e_latency')).toHaveLength(1)
    expect(recorder.sum('event_e2e_latency')).toBeGreaterThan(999)
  })

  test('gaps, repetitions and latecomers are counted, unless a filter makes holes', async () => {
    const { sse, recorder, client } = await serve((_request, response) =>
      open(response, [0, 1, 1, 5, 3].map(offset => event(offset)).join('')),
    )
    const found = () =>
      (['event_gaps', 'event_duplicates', 'event_out_of_order'] as const).map(metric => recorder.sum(metric))
    await collect(sse.open('/', { events: 5 }))
    expect(found()).toEqual([2, 1, 1])
    await collect(sse.open('/?event_type=order.created', { events: 5 }))
    expect(found()).toEqual([2, 1, 1])
    expect(client.observations().consumers.map(({ received }) => received)).toEqual([5, 5])
  })

  test('control frames are not events; a reset starts the offsets again', async () => {
    const cursors: unknown[] = []
    const { sse, recorder, client } = await serve((request, response) => {
      cursors.push(request.headers['last-event-id'])
      if (cursors.length === 1) {
        const reset = `event: reset\ndata: {"reason":"retention","lost":"unknown","cursor":"c9"}\n\n`
        open(response, event(0) + event(9) + 'event: lagged\ndata: {"dropped":3}\n\n' + reset).end()
      } else open(response, event(2))
    })
    expect(await collect(sse.open('/', { events: 3 }))).toHaveLength(3)
    expect(cursors).toEqual([undefined, 'c9'])
    expect(client.observations().consumers[0]?.received).toBe(3)
    expect(recorder.sum('sse_resets')).toBe(1)
    expect(recorder.sum('event_gaps')).toBe(8)
    expect(recorder.sum('event_out_of_order')).toBe(0)
  })

  test('data of a Loadcell stream that is not an event is counted and reported as a failure', async () => {
    const { sse, recorder, client } = await serve((_request, response) => open(response, `data: {oops\n\n${event(0)}`))
    expect(await collect(sse.open('/v1/streams/orders', { events: 1 }))).toHaveLength(1)
    expect(client.observations().consumers[0]?.received).toBe(2)
    expect(recorder.sum('sse_events')).toBe(2)
    expect(recorder.failures).toMatchObject([
      { reason: 'body', example: 'expected an event as a JSON object, got {oops' },
    ])
  })
})

describe('reconnecting a stream', () => {
  test('a break is followed by another connection that resumes, under the same key', async () => {
    const requests: Record<string, unknown>[] = []
    const { sse, recorder, client } = await serve((request, response) => {
      requests.push(request.headers)
      open(response)
      response.write(event(requests.length - 1), () => {
        if (requests.length === 1) response.end()
        else if (requests.length === 2) response.destroy()
      })
    })
    const events = await collect(sse.open('/', { events: 3, lastEventId: 'start' }))
    expect(events.map(({ id }) => id)).toEqual(['c0', 'c1', 'c2'])
    expect(requests.map(headers => headers['last-event-id'])).toEqual(['start', 'c0', 'c1'])
    expect(new Set(requests.map(headers => headers['x-loadcell-exchange'])).size).toBe(1)
    expect(client.observations().consumers).toHaveLength(1)
    expect(recorder.sum('reconnects')).toBe(2)
    expect(recorder.of('reconnect_duration')).toHaveLength(2)
    expect(recorder.of('sse_session_duration').map(({ tags }) => tags.reason)).toEqual(['server', 'error', 'end'])
    expect(recorder.failures).toMatchObject([{ reason: 'closed', status: 200 }])
    expect(recorder.requests.map(({ status, failure }) => [status, failure])).toEqual([
      [200, undefined],
      [200, undefined],
      [200, undefined],
    ])
  })

  test('without reconnect a break ends the stream, and a failed opening is an error', async () => {
    let requests = 0
    const { sse } = await serve((request, response) => {
      requests += 1
      if (request.url === '/') open(response, event(0)).end()
      else response.writeHead(503).end('later')
    })
    expect(await collect(sse.open('/', { reconnect: false }))).toHaveLength(1)
    await expect(collect(sse.open('/busy', { reconnect: false }))).rejects.toThrow(
      'cannot follow /busy: status 503: later',
    )
    expect(requests).toBe(2)
  })

  test('a passing refusal is retried after a pause that doubles, and that lasts at least as long as the server asks', async () => {
    const pausesMs: number[] = []
    const hasty: Clock = {
      ...systemClock,
      sleep(delayMs, signal) {
        if (delayMs >= 2000) pausesMs.push(delayMs)
        return systemClock.sleep(delayMs / 20, signal)
      },
    }
    const answers = [
      [500, ''],
      [429, ''],
      [503, '17'],
    ] as const
    let requests = 0
    const { sse, recorder } = await serve(
      (_request, response) => {
        const [status, retryAfter] = answers[requests++] ?? []
        if (status === undefined) open(response, event(0))
        else response.writeHead(status, { 'retry-after': retryAfter }).end()
      },
      { clock: hasty },
    )
    expect(await collect(sse.open('/', { events: 1, jitter: 0 }))).toHaveLength(1)
    expect(pausesMs).toEqual([2000, 4000, 17_000])
    expect(recorder.requests.map(({ status }) => status)).toEqual([500, 429, 503, 200])
    expect(recorder.requests[0]?.failure).toMatchObject({ reason: 'status' })
    expect(recorder.sum('reconnects')).toBe(0)
  })

  test('a jitter outside 0…1 throws a RangeError', async () => {
    const { sse } = await serve((_request, response) => open(response))
    expect(() => sse.open('/', { jitter: 1.5 })).toThrow('expected a jitter of 0…1, got 1.5')
  })

  test('a server that never ends an event breaks its stream, instead of filling our memory', async () => {
    const { sse, recorder } = await serve((_request, response) => {
      const chunk = Buffer.alloc(1024 * 1024, 'x')
      open(response, 'data: ')
      const flood = () => response.write(chunk, error => error ?? flood())
      flood()
    })
    expect(await collect(sse.open('/', { reconnect: false }))).toEqual([])
    expect(recorder.of('sse_session_duration')).toMatchObject([{ tags: { reason: 'error' } }])
    expect(recorder.requests[0]?.receivedBytes).toBeLessThan(16 * 1024 * 1024)
  })

  test.each([
    [403, 'application/problem+json', '{"code":"insufficient_scope"}', 'status 403: {"code":"insufficient_scope"}'],
    [200, 'text/html', '<p>', 'expected text/event-stream, got text/html'],
  ])('a refusal (%i %s) is an error', async (status, type, body, message) => {
    const { sse, recorder } = await serve((_request, response) =>
      response.writeHead(status, { 'content-type': type }).end(body),
    )
    await expect(collect(sse.open('/v1/streams/orders'))).rejects.toThrow(
      `cannot follow /v1/streams/orders: ${message}`,
    )
    expect(recorder.requests).toMatchObject([{ status, stream: true }])
  })

  test('a silent stream counts as broken, is closed, and is resumed on another connection', async () => {
    const cursors: unknown[] = []
    const closed: unknown[] = []
    const { sse, recorder } = await serve((request, response) => {
      cursors.push(request.headers['last-event-id'])
      response.once('close', () => closed.push(response))
      open(response, event(cursors.length - 1))
    })
    expect(await collect(sse.open('/', { events: 2, silence: '300ms' }))).toHaveLength(2)
    expect(cursors).toEqual([undefined, 'c0'])
    expect(recorder.sum('reconnects')).toBe(1)
    expect(recorder.failures).toMatchObject([{ reason: 'silent', status: 200, example: 'no byte received for 300 ms' }])
    expect(recorder.of('sse_session_duration').map(({ tags }) => tags.reason)).toEqual(['error', 'end'])
    expect({ eventGaps: recorder.sum('event_gaps'), eventDuplicates: recorder.sum('event_duplicates') }).toEqual({
      eventGaps: 0,
      eventDuplicates: 0,
    })
    while (closed.length < 2) await systemClock.sleep(5)
  })

  test('comments are signs of life, and silence: false turns the limit off', async () => {
    let requests = 0
    const { sse, recorder } = await serve(async (request, response) => {
      requests += 1
      open(response)
      for (let comments = 0; comments < 10; comments++) {
        await systemClock.sleep(200)
        if (request.url === '/commented') response.write(':\n\n')
      }
      response.write(event(0))
    })
    const streams = [sse.open('/commented', { events: 1, silence: '1500ms' }), sse.open('/', { events: 1, silence: 0 })]
    expect((await Promise.all(streams.map(collect))).map(({ length }) => length)).toEqual([1, 1])
    expect(requests).toBe(2)
    expect(recorder.failures).toEqual([])
  })

  test('a slow consumer that does not read does not count as silence', async () => {
    let requests = 0
    const { sse, recorder } = await serve((_request, response) => {
      requests += 1
      open(response, event(0))
      setTimeout(() => response.write(event(1)), 100)
    })
    expect(await collect(sse.open('/', { events: 2, readRate: '30/m', silence: '500ms' }))).toHaveLength(2)
    expect(requests).toBe(1)
    expect(recorder.failures).toEqual([])
  })

  test('a silence that is not a duration throws a RangeError', async () => {
    const { sse } = await serve((_request, response) => open(response))
    expect(() => sse.open('/', { silence: 'long' })).toThrow('expected a duration')
  })

  test('a 204 ends the stream', async () => {
    const { sse } = await serve((_request, response) => response.writeHead(204).end())
    expect(await collect(sse.open('/'))).toEqual([])
  })
})

describe('ending a stream', () => {
  /** Sends as fast as the client reads; `delivered` is what was handed to a socket that was still open for us. */
  function busyServer(): { listener: Parameters<typeof serve>[0]; delivered: () => number } {
    let delivered = 0
    return {
      delivered: () => delivered,
      listener(_request, response) {
        open(response)
        const gone = new AbortController()
        response.socket?.once('end', () => gone.abort())
        const send = () => {
          while (!gone.signal.aborted && response.writable) {
            delivered += 1
            if (response.write(event(delivered))) continue
            response.once('drain', () => setImmediate(send))
            return
          }
        }
        send()
      },
    }
  }

  test.each([
    ['break', {}],
    ['events', { events: 1000 }],
    ['until', { until: '400ms' }],
    ['the end of the run', {}],
  ])('by %s, everything the server delivered was received', async (how, options) => {
    const busy = busyServer()
    const { sse, client, recorder, stop } = await serve(busy.listener)
    let handed = 0
    for await (const _ of sse.open('/', options)) {
      handed += 1
      if (how === 'break' && handed === 500) break
      if (how === 'the end of the run' && handed === 500) stop()
    }
    expect(busy.delivered()).toBeGreaterThan(0)
    expect(client.observations().consumers[0]?.received).toBe(busy.delivered())
    expect(recorder.sum('sse_events')).toBe(busy.delivered())
    expect(recorder.sum('event_gaps')).toBe(0)
    expect(recorder.of('sse_session_duration')).toMatchObject([{ tags: { reason: 'end' } }])
    expect(recorder.failures).toEqual([])
    expect(handed).toBeLessThanOrEqual(busy.delivered())
  })

  /** Returns once the buffers on the way are full, and never if they are without bound. */
  async function standstill(delivered: () => number): Promise<void> {
    for (let before = -1; before !== delivered(); ) {
      before = delivered()
      await new Promise(resolve => setTimeout(resolve, 100))
    }
  }

  test('a slow scenario slows the server down, and loses nothing', async () => {
    const busy = busyServer()
    const { sse, client } = await serve(busy.listener)
    let handed = 0
    let last = -1
    for await (const { event } of sse.open('/')) {
      handed += 1
      if (last >= 0) expect(event.offset).toBe(last + 1)
      last = event.offset
      if (handed === 10) {
        await standstill(busy.delivered)
        expect(client.observations().consumers[0]?.received).toBeLessThan(2000)
      }
      if (handed === 60_000) break
    }
    expect(client.observations().consumers[0]?.received).toBe(busy.delivered())
  })

  test('an interruption cuts the stream, without an error', async () => {
    const { sse, interrupt, recorder } = await serve((_request, response) => open(response, event(0)))
    for await (const _ of sse.open('/')) interrupt()
    expect(recorder.of('sse_session_duration')).toMatchObject([{ tags: { reason: 'end' } }])
    expect(recorder.requests).toMatchObject([{ status: 200 }])
  })

  test('a stream that is requested after the end of the run is not opened', async () => {
    let requests = 0
    const { sse, stop, client } = await serve((_request, response) => {
      requests += 1
      open(response)
    })
    stop()
    expect(await collect(sse.open('/'))).toEqual([])
    expect(requests).toBe(0)
    expect(client.observations().consumers).toEqual([])
  })

  test('a server that never answers does not hold up the end of the run', async () => {
    const { sse, stop, recorder } = await serve(request => void request.resume())
    setTimeout(stop, 50)
    expect(await collect(sse.open('/'))).toEqual([])
    expect(recorder.requests).toMatchObject([{ status: 0, failure: { reason: 'interrupted' } }])
  })
})
