/** Takes the intervals of simulated workers as the coordinator of a run does: all workers close a second at the same moment. */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { coordinatorCodec } from '../../harness/coordination/message-codecs.ts'
import { Measurements, type Second } from '../../harness/metrics/measurements.ts'
import { builtInVocabulary } from '../../harness/metrics/vocabulary.ts'
import { pointOf } from '../../harness/results/timeline.ts'
import { judge } from '../../harness/thresholds/judge.ts'
import { parseSelector } from '../../harness/thresholds/selector.ts'
import { parseExpression, type Threshold } from '../../harness/thresholds/threshold.ts'
import { sayReady, serveOrders } from '../processes/process.ts'
import { simulate, type SimulatedWorkers } from './simulated-workers.ts'

/** `parse`: only JSON. `decode`: the intervals as well. `merge`: all that a coordinator does with them. */
export type CoordinatorWork = 'parse' | 'decode' | 'merge'

export interface CoordinatorOrder extends SimulatedWorkers {
  work: CoordinatorWork
  seconds: number
}

/** The work of each second. */
export interface CoordinatorReading {
  cpuSeconds: number[]
  /** From the moment at which the workers closed the second until the last of them was merged and judged. */
  delaysMs: number[]
  /** Text of the messages of one second. */
  bytes: number
  rssBytes: number
}

const thresholds = [
  'http_req_duration p(95)<200',
  'http_req_failed rate<0.01',
  'http_reqs rate>1',
  'http_req_waiting avg<100',
]

serveOrders(async ({ work, seconds, ...simulated }: CoordinatorOrder): Promise<CoordinatorReading> => {
  const messagesAt = simulate(simulated)
  const measurements = new Measurements()
  const judged = thresholds.map(thresholdOf)
  const reading: CoordinatorReading = { cpuSeconds: [], delaysMs: [], bytes: 0, rssBytes: 0 }
  for (let second = 0; second < seconds; second++) {
    const messages = messagesAt(second)
    reading.bytes = messages.reduce((sum, { length }) => sum + length, 0)
    const [startedAt, before] = [performance.now(), process.cpuUsage()]
    for (const text of messages) {
      take(work, text, measurements)
      // Each message of a link is a turn of the event loop.
      await nextTurn()
    }
    if (work === 'merge') {
      for (const threshold of judged) judge(threshold, measurements.snapshot, (second + 1) * 1000)
      pointOf(measurements.second(second) as Second, true)
    }
    const { user, system } = process.cpuUsage(before)
    reading.cpuSeconds.push((user + system) / 1e6)
    reading.delaysMs.push(performance.now() - startedAt)
    reading.rssBytes = process.memoryUsage.rss()
    await sleep(Math.max(0, 1000 - (performance.now() - startedAt)))
  }
  return reading
})
sayReady()

function take(work: CoordinatorWork, text: string, measurements: Measurements): void {
  if (work === 'parse') return void JSON.parse(text)
  const message = coordinatorCodec.decode(text)
  if (work === 'merge' && message.kind === 'interval') measurements.add(message.interval)
}

function thresholdOf(text: string): Threshold {
  const [source = '', expression = ''] = text.split(' ')
  const { metric, readings } = parseSelector(source)
  const condition = parseExpression(metric, expression, builtInVocabulary)
  return {
    source: { metric: source, expression },
    metric,
    readings,
    ...condition,
    abortOnFail: false,
    delayAbortEvalMs: 0,
  }
}
