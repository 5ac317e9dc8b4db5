import { beforeEach, expect, test } from 'vitest'
import { Deadlines } from '../../../../../harness/client/timing/deadlines.ts'
import type { ConnectionPool } from '../../../../../harness/client/engine/engine.ts'
import { BodyMemory, ReceivedBody } from '../../../../../harness/client/message/received-body.ts'
import { HttpExchange } from '../../../../../harness/client/http/http-exchange.ts'
import { ManualClock } from '../manual-clock.ts'

let clock: ManualClock
let deadlines: Deadlines
let ended: HttpExchange[]
let aborted: boolean
/** When the bytes came, as the engine tells. */
let receivedAt: number | undefined

const connections: Pick<ConnectionPool, 'send'> = {
  send: () => ({
    abort() {
      aborted = true
    },
    pause() {},
    resume() {},
    finishSending() {},
    crossedClose: false,
    get receivedAt() {
      return receivedAt
    },
    resend() {},
  }),
}

beforeEach(() => {
  clock = new ManualClock()
  deadlines = new Deadlines(clock)
  ended = []
  aborted = false
  receivedAt = undefined
})

function begin(timeoutMs: number): HttpExchange {
  const exchange = new HttpExchange({
    clock,
    deadlines,
    request: { method: 'GET', path: '/', headers: {}, body: null },
    startedAt: clock.now(),
    timeoutMs,
    body: new ReceivedBody(new BodyMemory()),
    headOnly: false,
    onEnd: exchange => ended.push(exchange),
  })
  exchange.send(connections)
  return exchange
}

test('each step of an exchange is timed', async () => {
  const exchange = begin(1000)
  exchange.onSend()
  await clock.advance(10)
  exchange.onHead(200, { headers: { a: 'b' }, setsCookies: false })
  exchange.onEnd()
  expect(ended).toEqual([exchange])
  expect(exchange).toMatchObject({ status: 200, headers: { a: 'b' }, sentAt: 0, headAt: 10, endedAt: 10 })
})

test('a response has the times at which it came, and a failure that of its end', async () => {
  const [answered, failed] = [begin(1000), begin(1000)]
  await clock.advance(10)
  receivedAt = 7
  for (const exchange of [answered, failed]) exchange.onHead(200, { headers: {}, setsCookies: false })
  receivedAt = 8
  answered.onEnd()
  failed.onFailure({ reason: 'closed', example: 'closed' })
  expect(answered).toMatchObject({ headAt: 7, endedAt: 8 })
  expect(failed).toMatchObject({ headAt: 7, endedAt: 10 })
})

test('a body that never ends is cut at the deadline, and its received part is kept', async () => {
  const exchange = begin(1000)
  exchange.onSend()
  exchange.onHead(200, { headers: {}, setsCookies: false })
  exchange.onData(Buffer.from('some'))
  await clock.advance(999)
  expect(ended).toEqual([])
  await clock.advance(26)
  expect(ended).toEqual([exchange])
  expect(aborted).toBe(true)
  expect(exchange).toMatchObject({ status: 200, body: { receivedBytes: 4 }, failure: { reason: 'timeout' } })
  expect(exchange.isCut).toBe(true)
})

test('each of many exchanges has its own deadline', async () => {
  const [late, soon] = [begin(5000), begin(100)]
  await clock.advance(130)
  expect(ended).toEqual([soon])
  await clock.advance(5000)
  expect(ended).toEqual([soon, late])
})

test('an exchange ends once, whatever arrives later', () => {
  const exchange = begin(1000)
  exchange.onSend()
  exchange.cut({ reason: 'interrupted', example: 'x' })
  exchange.onFailure({ reason: 'closed', example: 'aborted' })
  exchange.onEnd()
  expect(ended).toEqual([exchange])
  expect(exchange.failure?.reason).toBe('interrupted')
})
