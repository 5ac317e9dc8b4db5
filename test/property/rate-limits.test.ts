import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import type { RateLimitRule } from '../../target/configuration/schema/http.ts'
import type { KnownOperation } from '../../contract/api/operations.ts'
import { type Asker, limitsBench } from '../unit/target/rate-limits/support.ts'

/** Times are multiples of an eighth of a millisecond, which a double holds exactly. */
const TICK_MS = 0.125
const TICK_MICROSECONDS = 125n

const OPERATIONS = ['orders.create', 'orders.list', 'products.list'] as const satisfies KnownOperation[]
const ASKERS: Asker[] = [
  { user: '1', client: 'app' },
  { user: '2', client: 'app' },
  { client: 'service' },
  { user: '1', client: 'other', tenant: 'b' },
  { address: '10.0.0.9' },
]

const rule = fc.record(
  {
    by: fc.constantFrom('client' as const, 'user' as const, 'tenant' as const),
    requests: fc.integer({ min: 1, max: 12 }),
    per: fc.constantFrom('1ms', '7ms', '100ms', '1s', '3s'),
    burst: fc.integer({ min: 1, max: 6 }),
    operations: fc.constantFrom<string[]>(['orders.*'], ['products.list'], ['orders.create', 'products.*']),
  },
  { requiredKeys: ['by', 'requests'] },
)

const arrival = fc.record({
  // Mostly bursts, with pauses in which buckets fill.
  gapTicks: fc.oneof(fc.nat(8), fc.nat(2000), fc.nat(40_000)),
  operation: fc.constantFrom(...OPERATIONS),
  asker: fc.constantFrom(...ASKERS),
})

/**
 * A bucket by its definition: a token is there when no window that ends now holds as many admissions as a full bucket and
 * what came back since could pay for. It remembers everything and counts in whole microseconds times requests.
 */
class NaiveBucket {
  readonly #admittedAt: bigint[] = []
  readonly #requests: bigint
  readonly #perMicroseconds: bigint
  readonly #burst: bigint

  constructor({ requests, per = '1s', burst = requests }: RateLimitRule) {
    this.#requests = BigInt(requests)
    this.#perMicroseconds = PER_MICROSECONDS[per as keyof typeof PER_MICROSECONDS]
    this.#burst = BigInt(burst)
  }

  tokens(now: bigint): bigint {
    let fewest = this.#burst
    for (const [index, since] of this.#admittedAt.entries()) {
      const admitted = BigInt(this.#admittedAt.length - index)
      const left = (this.#burst - admitted) * this.#perMicroseconds + this.#requests * (now - since)
      const tokens = left / this.#perMicroseconds
      if (tokens < fewest) fewest = tokens
    }
    return fewest
  }

  admit(now: bigint): void {
    this.#admittedAt.push(now)
  }

  /** Whole seconds until there is a token. */
  secondsToOne(now: bigint): number {
    let seconds = 0
    while (this.tokens(now + BigInt(seconds) * 1_000_000n) === 0n) seconds += 1
    return seconds
  }
}

const PER_MICROSECONDS = { '1ms': 1000n, '7ms': 7000n, '100ms': 100_000n, '1s': 1_000_000n, '3s': 3_000_000n } as const

function holderOf(by: RateLimitRule['by'], { user, client, address, tenant = 'public' }: Asker): string {
  if (by === 'tenant') return `tenant ${tenant}`
  if (client === undefined) return `address ${address}`
  return by === 'client' || user === undefined ? `client ${client}` : `user ${user}`
}

function callerOf({ user, client, address }: Asker): string {
  if (user !== undefined) return `user:${user}`
  return client === undefined ? `address:${address}` : `client:${client}`
}

function isUnder({ operations }: RateLimitRule, operation: KnownOperation): boolean {
  return operations?.some(pattern => pattern === operation || pattern === `${operation.split('.')[0]}.*`) ?? true
}

it('admits, refuses and counts like buckets with unlimited memory', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(rule, { minLength: 1, maxLength: 3 }),
      fc.array(arrival, { maxLength: 80 }),
      async (unnamed, arrivals) => {
        const rules: RateLimitRule[] = unnamed.map((one, index) => ({ ...one, name: `rule-${index}` }))
        const bench = limitsBench(rules)
        const buckets = new Map<string, NaiveBucket>()
        const told: { caller: string; rule: string; until: bigint }[] = []
        const limited = new Map<string, number>()
        const early = new Map<string, number>()
        let now = 0n

        for (const { gapTicks, operation, asker } of arrivals) {
          await bench.clock.advance(gapTicks * TICK_MS)
          now += BigInt(gapTicks) * TICK_MICROSECONDS
          const under = rules.filter(one => isUnder(one, operation))
          const claims = under.map(one => {
            const key = `${one.name} ${holderOf(one.by, asker)}`
            const bucket = buckets.get(key) ?? new NaiveBucket(one)
            buckets.set(key, bucket)
            return { name: one.name, bucket }
          })
          const caller = callerOf(asker)
          const spent = claims.filter(({ bucket }) => bucket.tokens(now) === 0n)
          const waits = spent.map(({ name, bucket }) => ({ rule: name, seconds: bucket.secondsToOne(now) }))
          if (spent.length === 0) for (const { bucket } of claims) bucket.admit(now)

          // A timer may be a millisecond off.
          const isEarly = told.some(
            one => one.caller === caller && under.some(({ name }) => name === one.rule) && now + 1000n <= one.until,
          )
          if (isEarly) early.set(caller, (early.get(caller) ?? 0) + 1)
          if (spent.length > 0) limited.set(caller, (limited.get(caller) ?? 0) + 1)
          for (const { rule, seconds } of waits) told.push({ caller, rule, until: now + BigInt(seconds) * 1_000_000n })

          const met = bench.ask(operation, asker)
          expect(met.retryAfterSeconds).toBe(
            waits.length === 0 ? undefined : Math.max(...waits.map(({ seconds }) => seconds)),
          )
          expect(met.standing?.replaceAll(/;t=\d+/g, '')).toBe(
            claims.length === 0
              ? undefined
              : claims.map(({ name, bucket }) => `"${name}";r=${bucket.tokens(now)}`).join(', '),
          )
        }

        expect(bench.section.report()).toEqual({
          limited: sum(limited),
          early: sum(early),
          callers: [...limited].map(([caller, count]) => ({
            caller,
            limited: count,
            early: early.get(caller) ?? 0,
            obeyed: !early.has(caller),
          })),
          callersNotKept: 0,
        })
      },
    ),
    { seed: 20_251, numRuns: 150 },
  )
})

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, count) => total + count, 0)
}
