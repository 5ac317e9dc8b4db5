import { scenario, user } from '../../harness/scenario.ts'
import { experiment, PRODUCT } from '../experiment.ts'
import { lab } from '../lab.ts'

/** The same server measured many times, with few samples each. */
export const samples = lab({
  name: 'samples',
  title: 'How many samples a p99 needs',
  story: [
    'A server never changes. Its times are random: half of the answers take less than 10 ms, and one in a hundred takes more than 60 ms.',
    'The run measures it 20 times, one measurement after another, and takes the 99th percentile of each measurement.',
    'All 20 should be 60 ms. They are not, because each measurement sees only a few of the slow answers.',
  ],
  settings: {
    samples: { label: 'requests of a measurement', unit: 'count', value: 100, min: 20, max: 5000 },
  },
  measures: {
    lowest: {
      label: 'lowest 99th percentile of the 20',
      unit: 'ms',
      from: 'harness',
      ask: 'What is the lowest 99th percentile of the 20 measurements?',
    },
    highest: {
      label: 'highest 99th percentile of the 20',
      unit: 'ms',
      from: 'harness',
      ask: 'What is the highest?',
    },
    whole: { label: '99th percentile of all requests together', unit: 'ms', from: 'harness' },
  },
  theory: () => ({ whole: P99_MS }),
  async run(bench, { samples: size }) {
    const times: number[] = []
    await experiment(
      bench,
      'measurements of one server',
      [{ id: 'times', fault: { type: 'delay', distribution: { type: 'lognormal', median: MEDIAN_MS, p99: P99_MS } } }],
      scenario({
        load: { executor: 'shared-iterations', vus: 20, iterations: MEASUREMENTS * size, maxDuration: '10m' },
        users: [
          user('client', {
            async iterate({ http }) {
              times.push((await http.get(PRODUCT)).durationMs)
            },
          }),
        ],
      }),
    )
    const p99s = Array.from({ length: MEASUREMENTS }, (_, index) =>
      quantile(times.slice(index * size, (index + 1) * size), 0.99),
    )
    return { lowest: Math.min(...p99s), highest: Math.max(...p99s), whole: quantile(times, 0.99) }
  },
  question: {
    ask: 'Version B has a p99 that is 30 % higher than that of version A, from 100 requests each. What follows?',
    options: ['B is slower than A', 'Nothing yet: the same server differs from itself by more than that'],
    answer: measured => (measured.highest > 1.3 * measured.lowest ? 1 : 0),
    because:
      'A p99 of 100 requests is decided by one or two of them. Measure each version several times, and compare the difference between versions with the difference between runs of the same one: loadcell compare does that.',
  },
  next: 'Take 2000 requests for each measurement. How far are the lowest and the highest apart now?',
})

const MEASUREMENTS = 20
const MEDIAN_MS = 10
const P99_MS = 60

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0
}
