import { measured } from '../bench.ts'
import { executorCase } from '../counts/count-cases.ts'
import type { Subject } from '../subject.ts'
import { checkHttpLatency } from './http-latency.ts'
import { checkSseLatency } from './sse-latency.ts'
import { checkWebSocketLatency } from './websocket-latency.ts'

export const latency: Subject = {
  name: 'latency',
  title: 'Latency',
  question: 'Is every quantile of every clock the one that was injected?',
  method:
    'The target delays requests, openings and messages by times from a known distribution, and records each delay. Requests without a delay show what the harness adds.',
  async check(bench) {
    // Compilers and connections are cold before the first run.
    await measured(bench, 'warm-up', executorCase('constant-vus', 'quick').definition)
    // One at a time: each load would add to the times of the others.
    const checked = [await checkHttpLatency(bench), await checkSseLatency(bench), await checkWebSocketLatency(bench)]
    return {
      rows: checked.flatMap(({ rows }) => rows),
      additions: checked.flatMap(({ additions }) => additions),
    }
  },
}
