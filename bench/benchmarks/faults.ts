import type { FaultRule } from '../../contract/faults/rule.ts'
import { type Generator, leanestGenerator } from '../processes/load.ts'
import { type Child, startChild } from '../processes/process.ts'
import { atMost, type Bench, type BenchReport, figure, range } from '../measurement/report.ts'
import { median } from '../../core/median.ts'
import { byName, column, type Contender, interleave } from '../measurement/rounds.ts'
import { cpuUsOf, serving } from '../contenders/serving.ts'
import { configure, startTarget } from '../processes/target.ts'

const PATH = '/products/17'
/** Connections to each of the two servers that are driven at once. */
const CONNECTIONS = 32
/** New processes are driven for this time before they are measured, because compilers are still cold in them. */
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
const UNCHECKED = 'no rule, against a target without checks for faults'

export const faults: Bench = {
  name: 'faults',
  description: 'what fault rules cost a request that they do not match',
  async run(rounds) {
    const generators = await Promise.all([leanestGenerator(), leanestGenerator()])
    const servers: Child[] = []
    try {
      // One after the other, because two that start at once may be too slow to start in time.
      while (servers.length < 2) servers.push(await startTarget())
      const contenders = [
        ...CASES.map(({ title, rules: some }) => withRules(title, some, servers as [Child, Child], generators)),
        unasked(generators),
      ]
      return report(contenders, await interleave(contenders, rounds))
    } finally {
      await Promise.all([...servers, ...generators].map(child => child.stop()))
    }
  },
}

/** CPU time per request of a server, compared with another that is driven at the same time on the same core. */
interface PairedReading {
  subjectCpuUs: number
  /** CPU time of the subject ÷ CPU time of the other server. */
  ratio: number
}

function rules(count: number, matchOf: (at: number) => NonNullable<FaultRule['match']>): FaultRule[] {
  return Array.from({ length: count }, (_, at) => ({ id: `r${at}`, match: matchOf(at), fault: unavailable }))
}

/**
 * Drives two servers at once, so that the machine affects both in the same milliseconds. This is fair only between servers with
 * the same code: otherwise the larger one suffers more from sharing the core's caches.
 */
async function measurePair(
  [subject, other]: readonly [Child, Child],
  generators: readonly Generator[],
  seconds: number,
): Promise<PairedReading> {
  const readings = await Promise.all(
    [subject, other].map((server, at) => {
      const order = { url: server.url + PATH, connections: CONNECTIONS }
      return serving(`target ${at + 1}`, server, generators[at]!, order).measure(seconds)
    }),
  )
  const [subjectCpuUs, otherCpuUs] = cpuUsOf(readings) as [number, number]
  return { subjectCpuUs, ratio: subjectCpuUs / otherCpuUs }
}

/** Gives the rules to one of two equal servers and then to the other, so that chance differences between the processes cancel out. */
function withRules(
  title: string,
  some: FaultRule[],
  [one, other]: readonly [Child, Child],
  generators: readonly Generator[],
): Contender<PairedReading> {
  const measureFirst = async (pair: readonly [Child, Child], seconds: number) => {
    await configure(pair[0].url, { faults: { rules: some } })
    await configure(pair[1].url, { faults: { rules: [] } })
    return measurePair(pair, generators, seconds)
  }
  return {
    name: title,
    async measure(seconds) {
      const first = await measureFirst([one, other], seconds)
      const second = await measureFirst([other, one], seconds)
      return {
        subjectCpuUs: (first.subjectCpuUs + second.subjectCpuUs) / 2,
        ratio: Math.sqrt(first.ratio * second.ratio),
      }
    },
  }
}

/** Different code needs another process. Each measurement starts two, because compilers optimise each process differently. */
function unasked(generators: readonly Generator[]): Contender<PairedReading> {
  return {
    name: UNCHECKED,
    async measure(seconds) {
      const servers: Child[] = []
      try {
        servers.push(await startTarget())
        servers.push(await startChild('server', 'subjects/target-without-faults.ts'))
        const pair = servers as [Child, Child]
        await measurePair(pair, generators, WARMUP_SECONDS)
        return await measurePair(pair, generators, seconds)
      } finally {
        await Promise.all(servers.map(server => server.stop()))
      }
    },
  }
}

function report(contenders: Contender<PairedReading>[], readings: PairedReading[][]): BenchReport {
  const ratiosOf = (at: number) => column(readings[at], 'ratio')
  return {
    tables: [
      {
        title: `a product, over ${CONNECTIONS} connections to each of two targets at once`,
        columns: ['rules', 'server CPU µs/request', '÷ no rule', 'rounds'],
        rows: contenders.map(({ name }, at) => [
          name,
          figure(median(column(readings[at], 'subjectCpuUs')), 1),
          figure(median(ratiosOf(at)), 3),
          range(ratiosOf(at), 3),
        ]),
      },
    ],
    marks: [
      atMost('no rule: CPU ÷ that of a target without checks for faults', ratiosOf(CASES.length), 1.01),
      ...CASES.flatMap(({ title, mark }, at) =>
        mark === undefined ? [] : [atMost(`${title}: CPU ÷ that without rules`, ratiosOf(at), mark)],
      ),
    ],
    notes: [
      'Both targets of a pair run at once on one core, so a request costs more than in the other benchmarks. The first row is the noise of the method.',
      'The last row starts new processes in each round, which differ by a few per cent. The other rows swap the rules between two processes, which cancels this out.',
    ],
    readings: byName(contenders, readings),
  }
}
