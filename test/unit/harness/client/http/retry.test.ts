import { describe, expect, test } from 'vitest'
import { TokenError } from '../../../../../harness/client/auth/access-token.ts'
import { LeapingClock } from '../leaping-clock.ts'
import { type Handler, serve } from '../support.ts'

/** Answers with these statuses in turn, the last of them for ever; 0 is no answer. */
function answering(statuses: number[], headers: Record<string, string> = {}): { handler: Handler; seen: () => number } {
  let seen = 0
  return {
    seen: () => seen,
    handler: (request, response) => {
      const status = statuses[Math.min(seen++, statuses.length - 1)] as number
      request.resume()
      if (status === 0) return request.socket.resetAndDestroy()
      return response.writeHead(status, status >= 400 ? headers : {}).end(String(seen))
    },
  }
}

describe('a request that is sent again', () => {
  test('is repeated until it succeeds; each attempt is a separate request, due when it is sent', async () => {
    const clock = new LeapingClock()
    const { http, recorder, session } = await serve(answering([503, 429, 200]).handler, { clock })
    session.dueAt = 1
    const response = await http.get('/orders/1', { retry: { attempts: 5 } })
    expect(response).toMatchObject({ ok: true, status: 200 })
    expect(response.text()).toBe('3')
    expect(recorder.requests.map(({ status, failure }) => [status, failure?.reason])).toEqual([
      [503, 'status'],
      [429, 'rate_limited'],
      [200, undefined],
    ])
    const [first, ...again] = recorder.requests
    expect(first?.dueAt).toBe(1)
    for (const { dueAt, handedAt } of again) expect(dueAt).toBe(handedAt)
    expect(recorder.sum('http_req_retries')).toBe(2)
    expect(recorder.of('http_req_retries')[0]?.tags).toBe(first?.tags)
  })

  test('is repeated up to the limit, and then the last response counts', async () => {
    const { handler, seen } = answering([503])
    const { http, recorder } = await serve(handler, { clock: new LeapingClock() })
    expect(await http.get('/', { retry: { attempts: 3 } })).toMatchObject({ ok: false, status: 503 })
    expect(seen()).toBe(3)
    expect(recorder.sum('http_req_retries')).toBe(2)
  })

  test('is repeated after pauses that double', async () => {
    const clock = new LeapingClock()
    const { http } = await serve(answering([503]).handler, { clock })
    await http.get('/', { retry: { attempts: 4, backoff: '100ms', jitter: 0 } })
    expect(clock.slept).toEqual([100, 200, 400])
  })

  test.each([
    ['3', [3001, 3001]],
    ['0', [100, 200]],
    ['nonsense', [100, 200]],
  ])('is not repeated before Retry-After: %s is over', async (value, expected) => {
    const clock = new LeapingClock()
    const { http } = await serve(answering([429], { 'retry-after': value }).handler, { clock })
    await http.get('/', { retry: { attempts: 3, backoff: '100ms', jitter: 0 } })
    expect(clock.slept).toEqual(expected)
  })

  test('is not repeated before the date of a Retry-After', async () => {
    const clock = new LeapingClock()
    const at = new Date(clock.wallTime() + 20_000).toUTCString()
    const { http } = await serve(answering([503, 200], { 'retry-after': at }).handler, { clock })
    await http.get('/', { retry: { attempts: 3, jitter: 0 } })
    expect(clock.wallTime()).toBeGreaterThanOrEqual(Date.parse(at))
  })

  test('is not repeated if the target asks for too long a pause', async () => {
    const { handler, seen } = answering([503], { 'retry-after': '3600' })
    const { http } = await serve(handler, { clock: new LeapingClock() })
    expect(await http.get('/', { retry: { attempts: 3 } })).toMatchObject({ status: 503 })
    expect(seen()).toBe(1)
  })

  test('is not repeated after the end of the run', async () => {
    const clock = new LeapingClock()
    const { handler, seen } = answering([503])
    const { http, stop, recorder } = await serve(handler, { clock })
    clock.onSleep = () => clock.slept.length === 2 && stop()
    expect(await http.get('/', { retry: { attempts: 10 } })).toMatchObject({ status: 503 })
    expect(seen()).toBe(2)
    expect(recorder.sum('http_req_retries')).toBe(1)
  })
})

describe('a retry', () => {
  test.each([
    [429, true],
    [502, true],
    [503, true],
    [504, true],
    [500, false],
    [404, false],
  ])('follows a %i by default: %o', async (status, again) => {
    const { handler, seen } = answering([status, 200])
    const { http } = await serve(handler, { clock: new LeapingClock() })
    await http.post('/', { body: 'x', retry: { attempts: 2 } })
    expect(seen()).toBe(again ? 2 : 1)
  })

  test('follows a status that the scenario chooses, expected or not', async () => {
    const { handler, seen } = answering([404, 404, 200])
    const { http, recorder } = await serve(handler, { clock: new LeapingClock() })
    const options = { expect: [200, 404], retry: { attempts: 5, statuses: [404] } }
    expect(await http.get('/', options)).toMatchObject({ status: 200 })
    expect(seen()).toBe(3)
    expect(recorder.requests.every(({ failure }) => failure === undefined)).toBe(true)
    const unanswered = answering([0])
    const other = await serve(unanswered.handler, { clock: new LeapingClock() })
    await other.http.get('/', options)
    expect(unanswered.seen()).toBe(1)
  })

  test.each([
    ['GET', {}, true],
    ['PUT', {}, true],
    ['DELETE', {}, true],
    ['POST', {}, false],
    ['PATCH', {}, false],
    ['POST', { 'Idempotency-Key': 'k' }, true],
    ['PATCH', { 'idempotency-key': 'k' }, true],
  ])('follows a %s without a response, with %o: %o', async (method, headers, again) => {
    const { handler, seen } = answering([0, 200])
    const { http } = await serve(handler, { clock: new LeapingClock() })
    const response = await http.request(method, '/', { headers, retry: { attempts: 2 } })
    expect({ status: response.status, seen: seen() }).toEqual(again ? { status: 200, seen: 2 } : { status: 0, seen: 1 })
  })

  test('does not follow a request that was cut off, or that had no token', async () => {
    const { http, interrupt, session, recorder } = await serve(request => request.resume(), {
      clock: new LeapingClock(),
    })
    session.token = { authorization: () => Promise.reject(new TokenError('none')), refused: () => false }
    expect(await http.get('/', { retry: { attempts: 3 } })).toMatchObject({ failure: 'token' })
    session.token = undefined
    const pending = http.get('/', { retry: { attempts: 3 } })
    interrupt()
    expect(await pending).toMatchObject({ failure: 'interrupted' })
    expect(recorder.requests).toHaveLength(2)
  })
})

test.each([
  [{ attempts: 0 }, 'expected retry.attempts to be an integer 1…100, got 0'],
  [{ attempts: 1.5 }, 'got 1.5'],
  [{ attempts: 2, jitter: 2 }, 'expected a jitter of 0…1, got 2'],
  [{ attempts: 2, backoff: 'soon' }, 'expected a duration'],
])('%o is the author’s mistake', async (retry, message) => {
  const { http, recorder } = await serve((_request, response) => response.end())
  expect(() => http.get('/', { retry })).toThrow(message)
  expect(recorder.requests).toEqual([])
})
