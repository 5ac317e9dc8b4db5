import { scenario, user } from '../../harness/scenario.ts'
import { experiment, length, PRODUCT } from '../experiment.ts'
import { lab } from '../lab.ts'

/** A cold start inside and outside of the numbers. */
export const warmup = lab({
  name: 'warm-up',
  title: 'Warm-up and steady state',
  story: [
    'A server has just been started. In its first second it compiles code and fills its caches, and each request takes 300 ms. Afterwards it answers in 20 ms.',
    'Ten users send requests one after another, without a pause.',
    'A report that covers the whole run mixes two different servers.',
  ],
  settings: {
    coldMs: { label: 'time of an answer in the first second', unit: 'ms', value: 300, min: 20, max: 900 },
    warmMs: { label: 'time of an answer afterwards', unit: 'ms', value: 20, min: 5, max: 300 },
    seconds: length(5, 3),
  },
  measures: {
    all: {
      label: 'mean over the whole run',
      unit: 'ms',
      from: 'harness',
      ask: 'What is the mean response time over the whole run?',
    },
    steady: { label: 'mean without the first two seconds', unit: 'ms', from: 'harness' },
    p95: {
      label: '95th percentile over the whole run',
      unit: 'ms',
      from: 'harness',
      ask: 'And what is the 95th percentile over the whole run?',
    },
  },
  theory({ coldMs, warmMs, seconds }) {
    const cold = USERS * Math.ceil(1000 / coldMs)
    const warm = (USERS * (1000 * seconds - Math.ceil(1000 / coldMs) * coldMs)) / warmMs
    return {
      all: (cold * coldMs + warm * warmMs) / (cold + warm),
      steady: warmMs,
      p95: cold / (cold + warm) > 0.05 ? coldMs : warmMs,
    }
  },
  async run(bench, { coldMs, warmMs, seconds }) {
    const { clock } = bench
    const times: { at: number; durationMs: number }[] = []
    let startedAt: number | undefined
    const { result } = await experiment(
      bench,
      'a cold start',
      [
        { id: 'warm', match: { header: { [STATE]: 'warm' } }, fault: { type: 'delay', distribution: warmMs } },
        { id: 'cold', match: { header: { [STATE]: 'cold' } }, fault: { type: 'delay', distribution: coldMs } },
      ],
      scenario({
        load: { executor: 'constant-vus', vus: USERS, duration: seconds * 1000 },
        users: [
          user('visitor', {
            async iterate({ http }) {
              startedAt ??= clock.now()
              const at = clock.now() - startedAt
              // The client tells the target which state it is in, so that its clock decides for both.
              const state = at < COLD_FOR_MS ? 'cold' : 'warm'
              const { durationMs } = await http.get(PRODUCT, { headers: { [STATE]: state } })
              times.push({ at, durationMs })
            },
          }),
        ],
      }),
    )
    const steady = times.filter(({ at }) => at >= 2 * COLD_FOR_MS)
    const { response } = result.totals
    return {
      all: meanOf(times.map(({ durationMs }) => durationMs)),
      steady: meanOf(steady.map(({ durationMs }) => durationMs)),
      p95: response.p95Ms ?? 0,
    }
  },
  question: {
    ask: 'The team makes the server five times as fast when it is warm. The start stays as slow. Which number hides this success most?',
    options: ['The mean over the whole run', 'The mean without the first seconds', 'The median over the whole run'],
    answer: () => 0,
    because:
      'The few slow requests of the start are a large part of the sum of all times. That is why a run has a warm-up that does not count, and why its length is part of the result.',
  },
  next: 'Run for 30 s instead. How many seconds would it take until the mean is within 5 % of that of the warm server?',
})

const USERS = 10
const COLD_FOR_MS = 1000
const STATE = 'x-lab-state'

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}
