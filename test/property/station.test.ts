import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fixed } from '../../core/distributions/closed-form.ts'
import { random } from '../../core/random.ts'
import { Station } from '../../target/capacity/station.ts'
import type { Visit } from '../../target/capacity/visit.ts'
import { SimulatedTime } from '../support/simulated-time.ts'

interface Action {
  afterMs: number
  /** A visitor arrives with this service time, or the visitor with this number leaves. */
  serviceMs?: number
  leaver?: number
  /** How long the event loop is blocked before the step. */
  lateMs: number
}

interface Rules {
  servers: number
  queueLimit: number
  discipline: 'fifo' | 'lifo'
  timeoutMs: number
}

/** Computes the outcome of each visitor from the definition of a queue, millisecond by millisecond. */
function naiveFates(rules: Rules, actions: readonly Action[]): string[] {
  const fates: string[] = []
  const waiting: { id: number; arrivedAt: number; serviceMs: number }[] = []
  let serving: { id: number; arrivedAt: number; startedAt: number; endsAt: number }[] = []
  const serve = (at: number) => {
    while (serving.length < rules.servers && waiting.length > 0) {
      const { id, arrivedAt, serviceMs } = rules.discipline === 'fifo' ? waiting.shift()! : waiting.pop()!
      serving.push({ id, arrivedAt, startedAt: at, endsAt: at + serviceMs })
    }
  }
  const pass = (at: number) => {
    for (let ended = true; ended; ) {
      const over = serving.filter(({ endsAt }) => endsAt <= at)
      ended = over.length > 0
      for (const { id, arrivedAt, startedAt } of over) fates[id] = `served after ${startedAt - arrivedAt}`
      serving = serving.filter(({ endsAt }) => endsAt > at)
      serve(at)
    }
    for (const one of waiting.splice(0)) {
      if (one.arrivedAt + rules.timeoutMs <= at) fates[one.id] = 'timed out'
      else waiting.push(one)
    }
  }
  let now = 0
  for (const { afterMs, lateMs, serviceMs, leaver } of actions) {
    for (const until = now + afterMs + lateMs; now < until; ) pass(++now)
    pass(now)
    if (serviceMs !== undefined) {
      const id = fates.push('there') - 1
      if (serving.length < rules.servers || waiting.length < rules.queueLimit) {
        waiting.push({ id, arrivedAt: now, serviceMs })
        serve(now)
      } else fates[id] = 'turned away'
    } else {
      const at = waiting.findIndex(({ id }) => id === leaver)
      if (at !== -1) fates[waiting.splice(at, 1)[0]!.id] = 'left'
    }
  }
  for (const until = now + 2000; now < until; ) pass(++now)
  return fates
}

function fates(rules: Rules, actions: readonly Action[]) {
  const time = new SimulatedTime()
  const numbers = { ...rules, service: fixed(0), serviceKind: 'G', onFull: 'status' } as const
  const station = new Station(numbers, { clock: time, delays: time, random: random(1) })
  const fates: string[] = []
  const visits: (Visit | undefined)[] = []
  for (const { afterMs, lateMs, serviceMs, leaver } of actions) {
    time.runUntil(time.now() + afterMs)
    time.stall(lateMs)
    if (serviceMs !== undefined) {
      const id = fates.push('there') - 1
      visits[id] = station.enter({
        drawMs: () => serviceMs,
        served: waitMs => (fates[id] = `served after ${waitMs}`),
        timedOut: () => (fates[id] = 'timed out'),
        released: () => (fates[id] = 'released'),
      })
      if (visits[id] === undefined) fates[id] = 'turned away'
    } else if (visits[leaver!] !== undefined) {
      const { abandoned } = station.book
      station.leave(visits[leaver!]!)
      if (station.book.abandoned > abandoned) fates[leaver!] = 'left'
    }
  }
  time.runOut()
  return { fates, station }
}

describe('a station', () => {
  it('gives each visitor the outcome of a naive queue, however late the event loop is', () => {
    const afterMs = fc.nat(6)
    const lateMs = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(12) })
    const action: fc.Arbitrary<Action> = fc.oneof(
      { weight: 5, arbitrary: fc.record({ afterMs, lateMs, serviceMs: fc.nat(15) }) },
      { weight: 1, arbitrary: fc.record({ afterMs, lateMs, leaver: fc.nat(30) }) },
    )
    const rules = fc.record({
      servers: fc.integer({ min: 1, max: 4 }),
      queueLimit: fc.nat(6),
      discipline: fc.constantFrom('fifo' as const, 'lifo' as const),
      timeoutMs: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.integer({ min: 1, max: 20 })),
    })
    fc.assert(
      fc.property(rules, fc.array(action, { maxLength: 60 }), (given, actions) => {
        const { fates: found, station } = fates(given, actions)
        expect(found).toEqual(naiveFates(given, actions))
        const { arrived, served, turnedAway, timedOut, abandoned } = station.book
        expect(served + turnedAway + timedOut + abandoned).toBe(arrived)
        expect({ busy: station.busy, queued: station.queued }).toEqual({ busy: 0, queued: 0 })
      }),
      { seed: 7, numRuns: 1000 },
    )
  })
})
