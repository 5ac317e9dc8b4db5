import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CloseReason } from '../../../../contract/streams.ts'
import { random } from '../../../../core/random.ts'
import type { LiveFaults } from '../../../../target/connections/connection-options.ts'
import { Pool, type PoolMember } from '../../../../target/connections/pool.ts'
import type { Exchange } from '../../../../target/exchange/exchange.ts'
import { CountingConsumerBook } from '../../../support/consumer-book.ts'
import { FakeClock } from '../../../support/fake-clock.ts'
import { FakeWire } from '../../../support/fake-wire.ts'
import { plenty } from '../../../support/memory.ts'

const SWEEP_MS = 100
const noFaults = { all: { on: false }, attach() {}, frames: () => [], end() {} } as unknown as LiveFaults
const bearer = {} as Exchange['bearer']

describe('a pool of connections', () => {
  let clock: FakeClock
  let pool: Pool
  let isTokenValid: boolean
  let sweeps: number
  let ended: number

  beforeEach(() => {
    clock = new FakeClock()
    isTokenValid = true
    sweeps = ended = 0
    pool = new Pool({
      clock,
      memory: plenty(),
      isTokenValid: () => isTokenValid,
      faultsFor: () => noFaults,
      noun: 'streams',
      limits: () => ({ connections: 4, retryAfterSeconds: 3, sweepMs: SWEEP_MS }),
      onSweep: () => (sweeps += 1),
    })
  })

  afterEach(() => pool.close('shutdown'))

  function join(beat: () => CloseReason | undefined = () => undefined): PoolMember & { book: CountingConsumerBook } {
    const book = new CountingConsumerBook()
    const exchange = { bearer, bytesOut: 0, streamEnded: () => (ended += 1) } as unknown as Exchange
    const member = pool.open({
      exchange,
      head: { method: 'GET', url: '/', headers: {} },
      key: 'k',
      consumer: book,
      wire: new FakeWire(1000, () => {}),
      budget: () => ({ policy: 'disconnect', budgetBytes: 1000, budgetAgeMs: 1000, notify: false }),
      lagged: () => {
        throw new Error('nothing was dropped')
      },
      onClosed() {},
    })
    pool.add(member, beat)
    return Object.assign(member, { book })
  }

  it('admits clients up to its limit, counts those outside the pool, and tells refused clients when to retry', () => {
    let refused = 0
    const admit = (others: number) => pool.admit(others, () => (refused += 1))
    for (let n = 0; n < 3; n += 1) join()
    admit(0)
    expect(() => admit(1)).toThrowError('4 streams are open already')
    expect(refused).toBe(1)
    pool.close('shutdown')
    expect(() => admit(0)).toThrowError('the target is stopping')
    expect(refused).toBe(1)
  })

  it('closes members at a sweep for the reason that their heartbeat returns, and ends their exchange once', async () => {
    const silent = join(() => 'silent')
    const lively = join()
    await clock.advance(SWEEP_MS)
    expect(silent.book.ends).toEqual([{ reason: 'silent', unsentFrames: 0 }])
    expect(lively.connection.isOpen).toBe(true)
    expect(pool.size).toBe(1)
    expect(ended).toBe(1)
    expect(sweeps).toBe(1)
  })

  it('closes members whose token is no longer valid, without another heartbeat', async () => {
    let beats = 0
    const member = join(() => {
      beats += 1
      return undefined
    })
    isTokenValid = false
    await clock.advance(SWEEP_MS)
    expect(member.book.ends).toEqual([{ reason: 'token_expired', unsentFrames: 0 }])
    expect(beats).toBe(0)
  })

  it('ends a share of its members', () => {
    for (let n = 0; n < 4; n += 1) join()
    expect(pool.disconnect(0.5, random(1))).toBe(2)
    expect(pool.size).toBe(2)
  })
})
