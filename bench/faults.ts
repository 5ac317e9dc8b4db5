import type { FaultRuleReport } from '../contract/faults/report.ts'
import type { FaultRule } from '../contract/faults/rule.ts'
import { Histogram } from '../core/histogram.ts'
import { type Generator, leanestGenerator } from './load.ts'
import type { InFlightOrder } from './meters/in-flight.ts'
import { type Child, type Idle, type Listening, startChild } from './process.ts'
import { atMost, type Bench, type Mark, type Report } from './report.ts'
import { byName, interleave, median, medianRatio, ratios, type Rounds } from './rounds.ts'
import { ratesOf, serving, type ServingReading } from './serving.ts'
import type { Weight } from './subjects/weighed-target.ts'
import { figure, type Table } from './table.ts'
import { configure, startTarget } from './target.ts'

const CONNECTIONS = 64
const PATH = '/products/17'
const IN_FLIGHT = 10_000
const DELAY_MS = 4000

const unavailable = { type: 'status', status: 503 } as const

/** Rules that strike nothing that the bench sends. The first are the ground that the others are held against. */
const CASES: { title: string; rules: FaultRule[]; mark?: number }[] = [
  { title: 'no rule', rules: [] },
  { title: '1 rule of another operation', rules: rules(1, () => ({ operation: 'orders.create' })) },
  { title: '100 rules of other operations', rules: rules(100, () => ({ operation: 'orders.*' })), mark: 1.05 },
  { title: '100 rules of other products', rules: rules(100, at => ({ path: `/products/${at + 100}` })), mark: 1.05 },
  {
    title: '100 rules of other headers',
    rules: rules(100, at => ({ operation: 'products.*', header: { 'x-canary': `c${at}` } })),
    mark: 1.05,
  },
  { title: '100 rules of path patterns, each asked', rules: rules(100, at => ({ path: `/products/x${at}*` })) },
  { title: '1 rule that matches, of share 0', rules: [{ id: 'none', share: 0, fault: unavailable }] },
]

export const faults: Bench = {
  name: 'faults',
  description:
    'what fault rules cost a request they do not strike; 10,000 delayed requests at once: timer error, memory',
  run: measure,
}

function rules(count: number, matchOf: (at: number) => NonNullable<FaultRule['match']>): FaultRule[] {
  return Array.from({ length: count }, (_, at) => ({ id: `r${at}`, match: matchOf(at), fault: unavailable }))
}

async function measure(rounds: Rounds): Promise<Report> {
  const generator = await leanestGenerator()
  try {
    const costs = await measureCosts(generator, rounds)
    const delays = await measureInFlight(rounds)
    return {
      tables: [costs.table, delays.table],
      marks: [...costs.marks, ...delays.marks],
      notes,
      readings: { costs: costs.readings, delays: delays.readings },
    }
  } finally {
    await generator.stop()
  }
}

const notes = [
  'Every case has a target of its own. Costs are CPU time of the server a request, held round by round against the target without rules.',
  'Memory is what the heap and external buffers hold after a collection, while all requests wait, less what they held with as many idle connections.',
]

async function measureCosts(generator: Generator, rounds: Rounds) {
  const targets: Child<Listening>[] = []
  try {
    // One after another: so many at once would keep each other from coming up in time.
    while (targets.length < CASES.length) targets.push(await startTarget())
    for (const [at, { rules: some }] of CASES.entries())
      await configure(targets[at]!.ready.url, { faults: { rules: some } })
    const contenders = CASES.map(({ title }, at) => {
      const { url } = targets[at]!.ready
      return serving(title, targets[at]!, generator, { url: url + PATH, connections: CONNECTIONS })
    })
    const readings = await interleave(contenders, rounds)
    const ground = cpuUsOf(readings[0])
    const table: Table = {
      title: `a product, over ${CONNECTIONS} connections by ${generator.name}`,
      columns: ['rules', 'requests/s', 'server CPU µs/request', '÷ no rule'],
      rows: CASES.map(({ title }, at) => [
        title,
        figure(median(ratesOf(readings[at]))),
        figure(median(cpuUsOf(readings[at])), 1),
        figure(medianRatio(cpuUsOf(readings[at]), ground), 3),
      ]),
    }
    const marks = CASES.flatMap(({ title, mark }, at) =>
      mark === undefined
        ? []
        : [atMost(`${title}: CPU ÷ that without rules`, ratios(cpuUsOf(readings[at]), ground), mark)],
    )
    return { table, marks, readings: byName(contenders, readings) }
  } finally {
    await Promise.all(targets.map(target => target.stop()))
  }
}

function cpuUsOf(readings: ServingReading[] = []): number[] {
  return readings.map(({ serverCpuSeconds, requests }) => (serverCpuSeconds * 1e6) / requests)
}

interface InFlightReading {
  errorP50Ms: number
  errorP99Ms: number
  bytesPerRequest: number
}

async function measureInFlight({ rounds }: Rounds) {
  const [target, clients] = await Promise.all([
    startChild<Listening>('server', new URL('subjects/weighed-target.ts', import.meta.url)),
    startChild<Idle>('generator', new URL('meters/in-flight.ts', import.meta.url)),
  ])
  try {
    const ask = (order: InFlightOrder) => clients.ask<null>(order)
    await ask({ do: 'open', url: target.ready.url, connections: IN_FLIGHT })
    const readings: InFlightReading[] = []
    // The first is thrown away: connections have buffers only once they were used.
    for (let round = 0; round <= rounds; round++) {
      const reading = await delayAll(target, ask, round)
      if (round > 0) readings.push(reading)
    }
    return { ...describe(readings), readings }
  } finally {
    await Promise.all([target.stop(), clients.stop()])
  }
}

/** The requests come over a second or so, and wait evenly spread over the time that the last of them waits. */
async function delayAll(
  target: Child<Listening>,
  ask: (order: InFlightOrder) => Promise<null>,
  round: number,
): Promise<InFlightReading> {
  const { url } = target.ready
  const rule: FaultRule = {
    id: `delay-${round}`,
    match: { operation: 'products.get' },
    fault: { type: 'delay', distribution: { type: 'uniform', min: DELAY_MS, max: 2 * DELAY_MS } },
  }
  await configure(url, { faults: { rules: [rule] } })
  const before = await target.ask<Weight>('weigh')
  await ask({ do: 'send', path: PATH })
  const during = await target.ask<Weight>('weigh')
  await ask({ do: 'await' })
  const { delay } = (await (await fetch(`${url}/_loadcell/faults/${rule.id}`)).json()) as FaultRuleReport
  if (delay?.error.count !== IN_FLIGHT) throw new Error(`expected ${IN_FLIGHT} delays, got ${delay?.error.count ?? 0}`)
  const error = Histogram.fromJSON(delay.error)
  return {
    errorP50Ms: error.percentile(50),
    errorP99Ms: error.percentile(99),
    bytesPerRequest: (during.bytes - before.bytes) / IN_FLIGHT,
  }
}

function describe(readings: readonly InFlightReading[]): { table: Table; marks: Mark[] } {
  const p50s = readings.map(({ errorP50Ms }) => errorP50Ms)
  const p99s = readings.map(({ errorP99Ms }) => errorP99Ms)
  const bytes = readings.map(({ bytesPerRequest }) => bytesPerRequest)
  return {
    table: {
      title: `${figure(IN_FLIGHT)} requests in flight, each delayed by ${DELAY_MS / 1000} to ${(2 * DELAY_MS) / 1000} s`,
      columns: ['', 'timer error p50 ms', 'p99 ms', 'bytes/request in flight'],
      rows: [['delay before the handler', figure(median(p50s), 3), figure(median(p99s), 3), figure(median(bytes))]],
    },
    marks: [
      atMost('10,000 in flight: timer error p50 ms', p50s, 0.5),
      atMost('10,000 in flight: timer error p99 ms', p99s, 2),
      atMost('10,000 in flight: bytes a request', bytes, 8192),
    ],
  }
}
