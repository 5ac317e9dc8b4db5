import { beforeEach, describe, expect, it } from 'vitest'
import type { FaultRule } from '../../../contract/faults/rule.ts'
import type { Problem } from '../../../contract/problem.ts'
import { headerOf, rawExchange } from '../../support/raw-exchange.ts'
import { faultyTarget, injecting } from './faulty.ts'
import { operation, testTarget } from './support.ts'

const target = await faultyTarget(
  {
    first: { type: 'delay', at: 'before_first_byte', distribution: '40.4ms' },
    pause: { type: 'delay', distribution: { type: 'uniform', min: '20ms', max: '40ms' } },
    down: { type: 'status', status: 503, retryAfter: '1200ms' },
    slower: { type: 'status', status: 429, retryAfter: '2s' },
    lost: { type: 'status', status: 502, at: 'after_handler' },
    own: { type: 'status', status: 418, body: { teapot: true } },
    text: { type: 'status', status: 500, body: 'oops' },
    broken: { type: 'corrupt', how: 'invalid_json' },
    typed: { type: 'corrupt', how: 'wrong_content_type' },
    spoilt: { type: 'corrupt', how: 'invalid_json' },
    flipped: { type: 'corrupt', how: 'bit_flips', flips: 5 },
    short: { type: 'corrupt', how: 'truncated_json' },
    none: { type: 'corrupt', how: 'empty_body' },
    error: { type: 'corrupt', how: 'error_body' },
    other: { type: 'corrupt', how: 'wrong_id' },
    fewer: { type: 'corrupt', how: 'missing_field' },
    unset: { type: 'corrupt', how: 'null_field' },
    unlisted: { type: 'corrupt', how: 'empty_list' },
    gc: { type: 'stall', duration: '120ms' },
    tick: { type: 'delay', distribution: '30ms' },
  },
  { 'http.serverTiming': 'true' },
)
const plain = await rawExchange(target.port, '/products/7')

beforeEach(async () => {
  await fetch(`${target.url}/_loadcell/reset?what=ledger`, { method: 'POST' })
})

const product = (...faults: string[]) => rawExchange(target.port, '/products/7', { headers: injecting(...faults) })
const account = async () => operation(await target.settledLedger(), 'products.get')

describe('a status', () => {
  it('stands in for the handler, as a problem that names its rule', async () => {
    const answer = await product('down')
    expect(answer.status).toBe(503)
    expect(headerOf(answer, 'content-type')).toBe('application/problem+json; charset=utf-8')
    // The minimum wait in whole seconds.
    expect(headerOf(answer, 'retry-after')).toBe('2')
    expect(JSON.parse(answer.body) as Problem).toMatchObject({ code: 'injected_fault', status: 503, detail: /./ })
    expect(await account()).toMatchObject({ statuses: { 503: 1 }, cut: 0, bytesOut: answer.body.length })
  })

  it('of 429 says when to come again', async () => {
    const answer = await product('slower')
    expect({ answerStatus: answer.status, headerOfAnswerRetryAfter: headerOf(answer, 'retry-after') }).toEqual({
      answerStatus: 429,
      headerOfAnswerRetryAfter: '2',
    })
  })

  it.each([
    ['own', 418, 'application/json; charset=utf-8', '{"teapot":true}'],
    ['text', 500, 'text/plain; charset=utf-8', 'oops'],
  ])('has the body that was said: %s', async (fault, status, mediaType, body) => {
    const answer = await product(fault)
    expect({
      answerStatus: answer.status,
      headerOfAnswerContentType: headerOf(answer, 'content-type'),
      answerBody: answer.body,
    }).toEqual({ answerStatus: status, headerOfAnswerContentType: mediaType, answerBody: body })
  })

  it.each([
    ['GET', '/no/such/path'],
    ['PUT', '/products/7'],
  ])('answers also for what is not served: %s %s', async (method, path) => {
    expect((await rawExchange(target.port, path, { method, headers: injecting('down') })).status).toBe(503)
    expect(operation(await target.settledLedger(), 'unmatched')).toMatchObject({ statuses: { 503: 1 } })
    expect((await rawExchange(target.port, path, { method })).status).toBe(method === 'GET' ? 404 : 405)
  })

  it('never touches the control plane', async () => {
    const answer = await rawExchange(target.port, '/_loadcell/ledger', { headers: injecting('down') })
    expect(answer.status).toBe(200)
  })

  it('comes before authentication', async () => {
    const answer = await rawExchange(target.port, '/users/me', { headers: injecting('down') })
    expect(answer.status).toBe(503)
    expect((await target.settledLedger()).tokens.refused).toEqual({})
  })

  it('after the handler replaces the whole response, and the effects of the handler stay', async () => {
    const order = { method: 'POST', body: JSON.stringify({ product_id: 7, quantity: 1 }) }
    const before = await rawExchange(target.port, '/orders', order)
    const headers = { 'idempotency-key': 'k1' }
    const lost = await rawExchange(target.port, '/orders', { ...order, headers: { ...headers, ...injecting('lost') } })
    expect(lost.status).toBe(502)
    expect(headerOf(lost, 'location')).toBeUndefined()
    expect(headerOf(lost, 'x-request-id')).toBeDefined()
    const again = await rawExchange(target.port, '/orders', { ...order, headers })
    expect({
      againStatus: again.status,
      headerOfAgainIdempotentReplayed: headerOf(again, 'idempotent-replayed'),
    }).toEqual({ againStatus: 201, headerOfAgainIdempotentReplayed: 'true' })
    const idOf = (text: string) => (JSON.parse(text) as { id: number }).id
    expect(idOf(again.body)).toBe(idOf(before.body) + 1)
  })

  it('answers HEAD without a body', async () => {
    const answer = await rawExchange(target.port, '/products/7', { method: 'HEAD', headers: injecting('lost') })
    expect({ answerStatus: answer.status, answerBody: answer.body }).toEqual({ answerStatus: 502, answerBody: '' })
  })
})

describe('corruption', () => {
  it('makes JSON that is none, of the same length and type', async () => {
    const answer = await product('broken')
    expect(answer.status).toBe(200)
    expect(answer.body).toHaveLength(plain.body.length)
    expect(headerOf(answer, 'content-length')).toBe(headerOf(plain, 'content-length'))
    expect(headerOf(answer, 'content-type')).toBe(headerOf(plain, 'content-type'))
    expect(() => JSON.parse(answer.body) as unknown).toThrow(SyntaxError)
  })

  it('gives a body a type that it is not of', async () => {
    const answer = await product('typed')
    expect({ headerOfAnswerContentType: headerOf(answer, 'content-type'), answerBody: answer.body }).toEqual({
      headerOfAnswerContentType: 'text/html; charset=utf-8',
      answerBody: plain.body,
    })
  })

  it('spoils JSON also where a rule before has said that it is something else', async () => {
    const answer = await product('typed', 'spoilt')
    expect(headerOf(answer, 'content-type')).toBe('text/html; charset=utf-8')
    expect(() => JSON.parse(answer.body) as unknown).toThrow(SyntaxError)
  })

  it('leaves the status as it is, and tells the length of what it sends instead of the body', async () => {
    const told = async (fault: string) => {
      const { status, body, ...answer } = await product(fault)
      expect(headerOf({ status, body, ...answer }, 'content-length'), fault).toBe(String(Buffer.byteLength(body)))
      return { status, body }
    }
    const half = plain.body.slice(0, Math.floor(plain.body.length / 2))
    expect(await told('short')).toEqual({ status: 200, body: half })
    expect(await told('none')).toEqual({ status: 200, body: '' })
    const error = await told('error')
    expect({ status: error.status, body: JSON.parse(error.body) as unknown }).toMatchObject({
      status: 200,
      body: { status: 500, code: 'injected_fault' },
    })
  })

  it('changes JSON that stays valid: another id, a field less or none in it, and lists without elements', async () => {
    const whole = JSON.parse(plain.body) as Record<string, unknown>
    const parsed = async (fault: string) => JSON.parse((await product(fault)).body) as Record<string, unknown>
    expect(await parsed('other')).toEqual({ ...whole, id: 8 })
    const fewer = await parsed('fewer')
    expect(whole).toMatchObject(fewer)
    expect(Object.keys(fewer)).toHaveLength(Object.keys(whole).length - 1)
    const unset = Object.entries(await parsed('unset')).filter(
      ([name, value]) => value === null && whole[name] !== null,
    )
    expect(unset).toHaveLength(1)
    const list = await rawExchange(target.port, '/products?limit=5', { headers: injecting('unlisted') })
    expect(JSON.parse(list.body)).toMatchObject({ items: [] })
  })

  it('flips as many bits as it should, the same ones for the same key', async () => {
    const headers = { ...injecting('flipped'), 'x-loadcell-exchange': 'mine' }
    const [one, two] = [
      await rawExchange(target.port, '/products/7', { headers }),
      await rawExchange(target.port, '/products/7', { headers }),
    ]
    const [sent, came] = [Buffer.from(plain.body, 'latin1'), Buffer.from(one.body, 'latin1')]
    const flips = sent.reduce((sum, byte, at) => sum + (byte ^ came[at]!).toString(2).replaceAll('0', '').length, 0)
    expect({ cameLength: came.length, flips }).toEqual({ cameLength: sent.length, flips: 5 })
    expect(two.body).toBe(one.body)
  })
})

describe('a delay', () => {
  it.each([
    ['first', 40.4],
    ['pause', 20],
  ])('comes before the answer, and is told as planned and as it was: %s', async (fault, leastMs) => {
    const answer = await product(fault)
    expect(answer.tookMs).toBeGreaterThanOrEqual(leastMs)
    const { planned, actual } = timing(headerOf(answer, 'server-timing'))
    expect(planned).toBeGreaterThanOrEqual(leastMs)
    expect(actual).toBeGreaterThanOrEqual(planned - 0.001)
    const { rules } = (await target.settledLedger()).faults
    expect(rules).toMatchObject([{ id: fault, injected: 1, plannedDelay: { count: 1 }, actualDelay: { count: 1 } }])
    expect(rules[0]!.plannedDelay!.sumMs).toBeCloseTo(planned, 2)
    expect(rules[0]!.actualDelay!.sumMs).toBeCloseTo(actual, 2)
  })

  it('is told once, also of an answer in the place of the handler’s', async () => {
    const answer = await product('pause', 'down')
    const told = [...headerOf(answer, 'server-timing')!.matchAll(/(?<!planned-)\b\w+;dur=([\d.]+)/g)]
    // Only delays, queues and services: no handler ran.
    expect({ answerStatus: answer.status, toldLength: told.length }).toEqual({ answerStatus: 503, toldLength: 3 })
    // The parts add up to no more than the whole.
    expect(told.reduce((sum, [, durationMs]) => sum + Number(durationMs), 0)).toBeLessThanOrEqual(answer.tookMs)
  })

  it('is the same for the same key', async () => {
    const planned = async () => {
      const headers = { ...injecting('pause'), 'x-loadcell-exchange': 'same' }
      const answer = await rawExchange(target.port, '/products/7', { headers })
      return timing(headerOf(answer, 'server-timing')).planned
    }
    expect(await planned()).toBe(await planned())
  })

  it('adds to others, and to a status: all the rules that match it act', async () => {
    const answer = await product('tick', 'first', 'lost', 'broken')
    expect(answer.status).toBe(502)
    expect(timing(headerOf(answer, 'server-timing')).planned).toBeCloseTo(70.4, 3)
    expect(() => JSON.parse(answer.body) as unknown).toThrow(SyntaxError)
  })
})

describe('two answers in one place', () => {
  it('are settled by the order of the rules', async () => {
    expect((await product('slower', 'down')).status).toBe(503)
  })

  it('count as acting before the handler', async () => {
    expect((await product('lost', 'slower')).status).toBe(429)
  })
})

describe('a stall', () => {
  it('delays all requests, and the ledger marks them', async () => {
    // One request is in progress when the stall comes; the other is sent after it.
    const waiting = product('tick')
    const stalling = product('gc')
    const [delayed, stalled] = await Promise.all([waiting, stalling])
    expect({ delayedStatus: delayed.status, stalledStatus: stalled.status }).toEqual({
      delayedStatus: 200,
      stalledStatus: 200,
    })
    expect(stalled.tookMs).toBeGreaterThanOrEqual(120)
    const after = await product()
    expect(after.status).toBe(200)
    const { faults } = await target.settledLedger()
    expect(faults.stalled).toBe(2)
    const records = await (await fetch(`${target.url}/_loadcell/ledger/records`)).text()
    const marks = records
      .split('\n')
      .filter(Boolean)
      .map(line => (JSON.parse(line) as { stalled: boolean }).stalled)
    expect(marks).toEqual([true, true, false])
  })
})

describe('without a rule that affects the request', () => {
  it('a response stays the same, byte for byte', async () => {
    const rule: FaultRule = { id: 'other', match: { operation: 'orders.*' }, fault: { type: 'reset' } }
    const [bare, ruled] = [await testTarget(), await testTarget({ 'faults.rules': JSON.stringify([rule]) })]
    const shown = async (port: number) => {
      const { head, body } = await rawExchange(port, '/products/7', { headers: { 'x-request-id': 'r' } })
      return [head.replace(/^Date: .*$/im, ''), body]
    }
    expect(await shown(ruled.port)).toEqual(await shown(bare.port))
  })
})

function timing(header: string | undefined): { planned: number; actual: number } {
  const of = (name: string) => Number(new RegExp(`(?:^|, )${name};dur=([\\d.]+)`).exec(header ?? '')?.[1])
  return { planned: of('planned-delay'), actual: of('delay') }
}
