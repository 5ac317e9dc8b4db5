import { setTimeout as sleep } from 'node:timers/promises'
import type { FaultRuleReport } from '../../contract/faults/report.ts'
import type { FaultRule } from '../../contract/faults/rule.ts'
import { Histogram } from '../../core/histogram.ts'
import { readMemory } from '../processes/memory.ts'
import type { InFlightOrder } from '../meters/in-flight.ts'
import { type Child, startChild } from '../processes/process.ts'
import { atMost, type Bench, type BenchReport, figure } from '../measurement/report.ts'
import { median } from '../../core/median.ts'
import { column } from '../measurement/rounds.ts'
import { configure, startTarget } from '../processes/target.ts'

const PATH = '/products/17'
const IN_FLIGHT = 10_000
/** Shortest delay: long enough for all requests to arrive and for a reading of the memory. */
const DELAY_MS = 6000

export const delays: Bench = {
  name: 'delays',
  description: '10,000 requests delayed at once: how late they are released, and how much memory they take',
  async run({ rounds }) {
    const target = await startTarget()
    const clients = await startChild('generator', 'meters/in-flight.ts')
    try {
      const ask = (order: InFlightOrder) => clients.ask<null>(order)
      await ask({ do: 'open', url: target.url, connections: IN_FLIGHT })
      const readings: DelaysReading[] = []
      // The first round is discarded, because connections allocate their buffers when they are first used.
      for (let round = 0; round <= rounds; round++) {
        const reading = await delayAll(target, ask, round)
        if (round > 0) readings.push(reading)
      }
      return report(readings)
    } finally {
      await Promise.all([target.stop(), clients.stop()])
    }
  },
}

interface DelaysReading {
  errorP50Ms: number
  errorP99Ms: number
  bytesPerRequest: number
}

/** Sends all requests at once. Their delays are uniform, so that they are released evenly. */
async function delayAll(
  target: Child,
  ask: (order: InFlightOrder) => Promise<null>,
  round: number,
): Promise<DelaysReading> {
  const { url } = target
  const rule: FaultRule = {
    id: `delay-${round}`,
    match: { operation: 'products.get' },
    fault: { type: 'delay', distribution: { type: 'uniform', min: DELAY_MS, max: 2 * DELAY_MS } },
  }
  const reportOfRule = async () => (await (await fetch(`${url}/_loadcell/faults/${rule.id}`)).json()) as FaultRuleReport
  const weigh = async () => {
    const { heapBytes, externalBytes } = await readMemory(target)
    return heapBytes + externalBytes
  }
  await configure(url, { faults: { rules: [rule] } })
  const before = await weigh()
  await ask({ do: 'send', path: PATH })
  while ((await reportOfRule()).matched < IN_FLIGHT) await sleep(50)
  const during = await weigh()
  await ask({ do: 'await' })
  const { delay } = await reportOfRule()
  if (delay?.error.count !== IN_FLIGHT) throw new Error(`expected ${IN_FLIGHT} delays, got ${delay?.error.count ?? 0}`)
  const error = Histogram.fromJSON(delay.error)
  return {
    errorP50Ms: error.percentile(50),
    errorP99Ms: error.percentile(99),
    bytesPerRequest: (during - before) / IN_FLIGHT,
  }
}

function report(readings: DelaysReading[]): BenchReport {
  const p50s = column(readings, 'errorP50Ms')
  const p99s = column(readings, 'errorP99Ms')
  const bytes = column(readings, 'bytesPerRequest')
  return {
    tables: [
      {
        title: `${figure(IN_FLIGHT)} requests in flight, each delayed by ${DELAY_MS / 1000} to ${(2 * DELAY_MS) / 1000} s`,
        columns: ['', 'timer error p50 ms', 'p99 ms', 'bytes/request in flight'],
        rows: [['delay before the handler', figure(median(p50s), 3), figure(median(p99s), 3), figure(median(bytes))]],
      },
    ],
    marks: [
      atMost('10,000 in flight: timer error p50 ms', p50s, 0.5),
      atMost('10,000 in flight: timer error p99 ms', p99s, 2),
      atMost('10,000 in flight: bytes a request', bytes, 8192),
    ],
    notes: [
      'Memory is the heap and external buffers after a garbage collection, while all requests wait, minus the same with as many idle connections.',
    ],
    readings,
  }
}
