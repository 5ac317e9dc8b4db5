import type { FaultRule } from '../contract/faults/rule.ts'
import { type Generator, leanestGenerator } from './load.ts'
import { measurePair, type PairedReading, type Server, swapping } from './paired.ts'
import { type ServerAddress, startChild } from './process.ts'
import { atMost, type Bench, type BenchReport } from './report.ts'
import { byName, type Contender, interleave, median, type Rounds } from './rounds.ts'
import { figure } from './table.ts'
import { configure, startTarget } from './target.ts'

/** The load on each of the two servers that are driven at once. */
const ORDER = { path: '/products/17', connections: 32 }
/** Fresh processes are driven this long before they are measured: compilers are cold in them. */
const WARMUP_SECONDS = 2

const unavailable = { type: 'status', status: 503 } as const

/** Rules that match no request of the bench, compared with no rule. */
const CASES: { title: string; rules: FaultRule[]; mark?: number }[] = [
  { title: 'no rule, against itself', rules: [] },
  { title: '1 rule for another operation', rules: rules(1, () => ({ operation: 'orders.create' })) },
  { title: '100 rules for other operations', rules: rules(100, () => ({ operation: 'orders.*' })), mark: 1.05 },
  { title: '100 rules for other products', rules: rules(100, at => ({ path: `/products/${at + 100}` })), mark: 1.05 },
  {
    title: '100 rules for other headers',
    rules: rules(100, at => ({ operation: 'products.*', header: { 'x-canary': `c${at}` } })),
    mark: 1.05,
  },
  { title: '100 path patterns, each tested', rules: rules(100, at => ({ path: `/products/x${at}*` })) },
  { title: '1 rule that matches, with a share of 0', rules: [{ id: 'none', share: 0, fault: unavailable }] },
]
const UNASKED = 'no rule, against a target that does not ask'

export const faults: Bench = {
  name: 'faults',
  description: 'what fault rules cost a request that they do not match',
  run: measure,
}

function rules(count: number, matchOf: (at: number) => NonNullable<FaultRule['match']>): FaultRule[] {
  return Array.from({ length: count }, (_, at) => ({ id: `r${at}`, match: matchOf(at), fault: unavailable }))
}

async function measure(rounds: Rounds): Promise<BenchReport> {
  const generator = await leanestGenerator(2)
  const servers: Server[] = []
  try {
    // One after another: at once they would keep each other from coming up in time.
    while (servers.length < 2) servers.push(await startTarget())
    const contenders = [
      ...CASES.map(({ title, rules: some }) => withRules(title, some, servers as [Server, Server], generator)),
      unasked(generator),
    ]
    return report(contenders, await interleave(contenders, rounds))
  } finally {
    await Promise.all([...servers, generator].map(child => child.stop()))
  }
}

function withRules(
  title: string,
  some: FaultRule[],
  servers: readonly [Server, Server],
  generator: Generator,
): Contender<PairedReading> {
  return swapping(
    title,
    servers,
    async ({ subject, ground }) => {
      await configure(subject.ready.url, { faults: { rules: some } })
      await configure(ground.ready.url, { faults: { rules: [] } })
    },
    (pair, seconds) => measurePair(generator, pair, ORDER, seconds),
  )
}

/** Different code needs a different process. Each measurement starts two, because the compiler's luck differs between processes. */
function unasked(generator: Generator): Contender<PairedReading> {
  return {
    name: UNASKED,
    async measure(seconds) {
      const servers: Server[] = []
      try {
        servers.push(await startTarget())
        servers.push(
          await startChild<ServerAddress>('server', new URL('subjects/target-without-faults.ts', import.meta.url)),
        )
        const [subject, ground] = servers as [Server, Server]
        await measurePair(generator, { subject, ground }, ORDER, WARMUP_SECONDS)
        return await measurePair(generator, { subject, ground }, ORDER, seconds)
      } finally {
        await Promise.all(servers.map(server => server.stop()))
      }
    },
  }
}

function report(contenders: Contender<PairedReading>[], readings: PairedReading[][]): BenchReport {
  const ratiosOf = (at: number) => (readings[at] ?? []).map(({ ratio }) => ratio)
  return {
    tables: [
      {
        title: `a product, over ${ORDER.connections} connections to each of two targets at once`,
        columns: ['rules', 'server CPU µs/request', '÷ no rule', 'rounds'],
        rows: contenders.map(({ name }, at) => [
          name,
          figure(median((readings[at] ?? []).map(({ subjectCpuUs }) => subjectCpuUs)), 1),
          figure(median(ratiosOf(at)), 3),
          `${figure(Math.min(...ratiosOf(at)), 3)}…${figure(Math.max(...ratiosOf(at)), 3)}`,
        ]),
      },
    ],
    marks: [
      atMost('no rule: CPU ÷ that of a target that does not ask', ratiosOf(CASES.length), 1.01),
      ...CASES.flatMap(({ title, mark }, at) =>
        mark === undefined ? [] : [atMost(`${title}: CPU ÷ that without rules`, ratiosOf(at), mark)],
      ),
    ],
    notes: [
      'Both targets of a pair are driven at once on one core, so that a request costs more than in the other benches. The first row is the noise of the method.',
      'The last row starts new processes each round, which differ by some per cent; the others swap the rules between two processes, so that this cancels out.',
    ],
    readings: byName(contenders, readings),
  }
}
