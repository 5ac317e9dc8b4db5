import { describe, expect, it } from 'vitest'
import { fixed } from '../../../../core/distributions/closed-form.ts'
import type { StationSettings } from '../../../../target/capacity/station-settings.ts'
import { numbers, stationOf } from './simulation.ts'

/** A station whose visitors write down what becomes of them, and when. */
function watched(given: Partial<StationSettings>, seed?: number) {
  const { time, station } = stationOf(numbers({ service: fixed(10), ...given }), seed)
  const log: string[] = []
  const enter = (name: string) => {
    const visit = station.enter({
      drawMs: service => service.meanMs,
      served: (waitMs, serviceMs) => log.push(`${name} served at ${time.now()}: ${waitMs} + ${serviceMs}`),
      timedOut: () => log.push(`${name} timed out at ${time.now()}`),
      released: () => log.push(`${name} released at ${time.now()}`),
    })
    if (visit === undefined) log.push(`${name} turned away at ${time.now()}`)
    return visit
  }
  return { time, station, log, enter }
}

/** Visitors in the order in which they were served. */
function order(log: readonly string[]): string {
  return log.map(line => line.split(' ')[0]).join('')
}

describe('a station', () => {
  it('serves as many at once as it has servers, and the others one after another', () => {
    const { time, log, enter } = watched({ servers: 2 })
    for (const name of ['a', 'b', 'c', 'd']) enter(name)
    expect(log).toEqual([])
    time.runOut()
    expect(log).toEqual([
      'a served at 10: 0 + 10',
      'b served at 10: 0 + 10',
      'c served at 20: 10 + 10',
      'd served at 20: 10 + 10',
    ])
  })

  it('turns a visitor away if and only if every place is taken', () => {
    const { time, station, log, enter } = watched({ queueLimit: 1 })
    for (const name of ['a', 'b', 'c']) enter(name)
    time.runUntil(10)
    enter('d')
    enter('e')
    time.runOut()
    expect(log.filter(line => line.includes('turned'))).toEqual(['c turned away at 0', 'e turned away at 10'])
    expect(station.book).toMatchObject({ arrived: 5, served: 3, turnedAway: 2 })
  })

  it('knows for how long its servers were busy, also within a service', () => {
    const { time, station, enter } = watched({ servers: 2 })
    for (const name of ['a', 'b', 'c']) enter(name)
    const busy = [0, 4, 10, 15, 20, 30].map(atMs => {
      time.runUntil(atMs)
      return station.busyMs
    })
    expect(busy).toEqual([0, 8, 20, 25, 30, 30])
    enter('d')
    time.runUntil(35)
    station.close()
    expect(station.busyMs).toBe(30)
  })

  it('has an order by discipline', () => {
    const orderOf = (discipline: StationSettings['discipline'], seed?: number) => {
      const { time, log, enter } = watched({ discipline }, seed)
      for (const name of 'abcdefgh') enter(name)
      time.runOut()
      return order(log)
    }
    expect(orderOf('fifo')).toBe('abcdefgh')
    expect(orderOf('lifo')).toBe('ahgfedcb')
    expect(orderOf('random', 1)).toBe(orderOf('random', 1))
    expect(new Set([1, 2, 3, 4].map(seed => orderOf('random', seed))).size).toBe(4)
    expect(orderOf('random', 5).split('').sort().join('')).toBe('abcdefgh')
  })

  it('picks each waiting visitor with equal probability', () => {
    const firsts = new Map<string, number>()
    for (let seed = 0; seed < 3000; seed++) {
      const { time, log, enter } = watched({ discipline: 'random' }, seed)
      for (const name of 'sabc') enter(name)
      time.runUntil(20)
      const first = order(log)[1]!
      firsts.set(first, (firsts.get(first) ?? 0) + 1)
    }
    // 1000 ± 4 standard deviations of 26.
    for (const name of 'abc') expect(Math.abs(firsts.get(name)! - 1000)).toBeLessThan(104)
  })

  it('turns a visitor away that has waited too long, and serves one that has waited exactly as long as allowed', () => {
    const { time, station, log, enter } = watched({ timeoutMs: 10 })
    for (const name of ['a', 'b', 'c']) enter(name)
    time.runUntil(4)
    enter('d')
    time.runOut()
    expect(log).toEqual(['a served at 10: 0 + 10', 'c timed out at 10', 'd timed out at 14', 'b served at 20: 10 + 10'])
    expect(station.book).toMatchObject({ served: 2, timedOut: 2 })
    expect(station.book.wait.count).toBe(2)
  })

  it('frees the place of a visitor that leaves the queue at once', () => {
    const { time, station, log, enter } = watched({ queueLimit: 1 })
    enter('a')
    const b = enter('b')!
    station.leave(b)
    enter('c')
    station.leave(b)
    time.runOut()
    expect(log).toEqual(['a served at 10: 0 + 10', 'c served at 20: 10 + 10'])
    expect(station.book).toMatchObject({ arrived: 3, served: 2, abandoned: 1 })
  })

  it('finishes the service of a visitor that leaves meanwhile', () => {
    const { time, station, log, enter } = watched({})
    const a = enter('a')!
    enter('b')
    station.leave(a)
    expect(station.busy).toBe(1)
    time.runOut()
    expect(log.at(-1)).toBe('b served at 20: 10 + 10')
    expect(station.book).toMatchObject({ served: 2, abandoned: 0 })
  })

  it('loses no time to a late event loop', () => {
    const { time, station, log, enter } = watched({})
    for (const name of ['a', 'b']) enter(name)
    time.stall(15)
    // b has been served since 10, so that c finds it at half of its service.
    enter('c')
    expect({ busy: station.busy, queued: station.queued }).toEqual({ busy: 1, queued: 1 })
    time.runOut()
    expect(log).toEqual(['a served at 15: 0 + 10', 'b served at 20: 10 + 10', 'c served at 30: 5 + 10'])
  })

  it('does not turn a visitor away because a late event loop has not freed a place yet', () => {
    const { time, log, enter } = watched({ queueLimit: 0 })
    enter('a')
    time.stall(12)
    enter('b')
    time.runOut()
    expect(log).toEqual(['a served at 12: 0 + 10', 'b served at 22: 0 + 10'])
  })

  it('takes a service of no time', () => {
    const { time, log, enter } = watched({ service: fixed(0), queueLimit: 0 })
    enter('a')
    enter('b')
    expect(log).toEqual(['a served at 0: 0 + 0'])
    time.runOut()
    expect(log).toEqual(['a served at 0: 0 + 0', 'b served at 0: 0 + 0'])
  })
})

describe('a station whose settings change', () => {
  it('keeps its waiting visitors, and serves them with the new settings', () => {
    const { time, station, log, enter } = watched({})
    for (const name of 'abcde') enter(name)
    time.runUntil(5)
    station.change(numbers({ servers: 3, service: fixed(20), discipline: 'lifo' }))
    expect({ busy: station.busy, queued: station.queued }).toEqual({ busy: 3, queued: 2 })
    time.runOut()
    expect(log).toEqual([
      'a served at 10: 0 + 10',
      'd served at 25: 5 + 20',
      'e served at 25: 5 + 20',
      'c served at 30: 10 + 20',
      'b served at 45: 25 + 20',
    ])
  })

  it('lets services end when it loses servers, and starts no other meanwhile', () => {
    const { time, station, log, enter } = watched({ servers: 3 })
    for (const name of 'abcde') enter(name)
    time.runUntil(5)
    station.change(numbers({ servers: 1, service: fixed(10) }))
    expect(station.busy).toBe(3)
    time.runOut()
    expect(log.slice(3)).toEqual(['d served at 20: 10 + 10', 'e served at 30: 20 + 10'])
  })

  it('applies a new timeout to waiting visitors from their arrival', () => {
    const { time, station, log, enter } = watched({})
    for (const name of 'abc') enter(name)
    time.runUntil(5)
    station.change(numbers({ service: fixed(10), timeoutMs: 15 }))
    time.runOut()
    expect(log).toEqual(['a served at 10: 0 + 10', 'c timed out at 15', 'b served at 20: 10 + 10'])
    enter('d')
    enter('e')
    time.runUntil(28)
    station.change(numbers({ service: fixed(10), timeoutMs: 5 }))
    time.runOut()
    expect(log.slice(3)).toEqual(['e timed out at 28', 'd served at 30: 0 + 10'])
  })

  it('turns no waiting visitor away if its queue becomes shorter', () => {
    const { time, station, log, enter } = watched({})
    for (const name of 'abc') enter(name)
    station.change(numbers({ service: fixed(10), queueLimit: 1 }))
    enter('d')
    time.runOut()
    expect(order(log)).toBe('dabc')
    expect(log[0]).toBe('d turned away at 0')
  })

  it('releases all visitors when it is closed', () => {
    const { time, station, log, enter } = watched({ timeoutMs: 50 })
    for (const name of 'abc') enter(name)
    time.runUntil(5)
    station.close()
    expect(log.toSorted()).toEqual(['a released at 5', 'b released at 5', 'c released at 5'])
    time.runOut()
    expect(log).toHaveLength(3)
    expect({ busy: station.busy, queued: station.queued, released: station.book.released }).toEqual({
      busy: 0,
      queued: 0,
      released: 3,
    })
  })
  it('keeps its visitors when its counts are reset, and counts them as arrived', () => {
    const { time, station, log, enter } = watched({ queueLimit: 2 })
    for (const name of 'abcd') enter(name)
    time.runUntil(12)
    station.forgetCounts()
    expect({ busy: station.busy, queued: station.queued }).toEqual({ busy: 1, queued: 1 })
    expect(station.book).toMatchObject({ arrived: 2, served: 0, turnedAway: 0 })
    expect({ waitCount: station.book.wait.count, serviceCount: station.book.service.count }).toEqual({
      waitCount: 0,
      serviceCount: 0,
    })
    enter('e')
    time.runOut()
    expect(log).toEqual([
      'd turned away at 0',
      'a served at 10: 0 + 10',
      'b served at 20: 10 + 10',
      'c served at 30: 20 + 10',
      'e served at 40: 18 + 10',
    ])
    expect(station.book).toMatchObject({ arrived: 3, served: 3, turnedAway: 0, timedOut: 0, abandoned: 0 })
  })
})
