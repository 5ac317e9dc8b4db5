import { Histogram } from '../../core/histogram.ts'
import { scenario, user } from '../../harness/scenario.ts'
import { experiment, length, PRODUCT, productTimes } from '../experiment.ts'
import { lab, type LabBench } from '../lab.ts'

/** Percentiles that were averaged over two workers. */
export const foreignReport = lab({
  name: 'foreign-report',
  title: "Reading another tool's report",
  story: [
    'A tool runs a load test on two machines. Each computes its own 95th percentile, and the report shows the mean of the two.',
    'The first machine is near the server and sends most of the requests. The second is far away and sends a few.',
    'The numbers of each machine are right. The question is what their mean means.',
  ],
  settings: {
    nearRate: { label: 'requests of the near machine', unit: 'per second', value: 95, min: 1, max: 300 },
    farRate: { label: 'requests of the far machine', unit: 'per second', value: 5, min: 1, max: 300 },
    seconds: length(4),
  },
  measures: {
    near: { label: '95th percentile of the near machine', unit: 'ms', from: 'target' },
    far: { label: '95th percentile of the far machine', unit: 'ms', from: 'target' },
    averaged: {
      label: 'mean of the two, as the report shows it',
      unit: 'ms',
      from: 'target',
      ask: 'The near machine has a 95th percentile of 10 ms, the far one of 400 ms. What does the report show?',
    },
    merged: {
      label: '95th percentile of all requests',
      unit: 'ms',
      from: 'target',
      ask: 'What is the 95th percentile of all requests together?',
    },
  },
  loads: 2,
  theory({ nearRate, farRate }) {
    const farShare = farRate / (nearRate + farRate)
    return { near: NEAR_MS, far: FAR_MS, averaged: (NEAR_MS + FAR_MS) / 2, merged: farShare > 0.05 ? FAR_MS : NEAR_MS }
  },
  async run(bench, { nearRate, farRate, seconds }) {
    const near = await machine(bench, nearRate, NEAR_MS, seconds)
    const far = await machine(bench, farRate, FAR_MS, seconds)
    const [nearMs, farMs] = [near.percentile(95) ?? 0, far.percentile(95) ?? 0]
    const all = new Histogram()
    for (const times of [near, far]) all.merge(times)
    return { near: nearMs, far: farMs, averaged: (nearMs + farMs) / 2, merged: all.percentile(95) ?? 0 }
  },
  question: {
    ask: 'Which requests take about as long as the 95th percentile in this report?',
    options: ['Most of them', 'One in twenty', 'None'],
    answer: measured => (measured.averaged > 1.5 * measured.near && measured.averaged < 0.8 * measured.far ? 2 : 1),
    because:
      'A mean of percentiles is not a percentile of anything. Percentiles must come from merged histograms. Ask of each tool what its numbers are: docs/what-load-tools-report.md has the answers for twelve of them.',
  },
  next: 'Let both machines send 50 requests a second. Which of the four numbers changes most?',
})

const NEAR_MS = 10
const FAR_MS = 400

async function machine(bench: LabBench, rate: number, delayMs: number, seconds: number): Promise<Histogram> {
  const run = await experiment(
    bench,
    'one of two machines',
    [{ id: 'distance', fault: { type: 'delay', distribution: delayMs } }],
    scenario({
      load: { executor: 'constant-arrival-rate', rate, duration: seconds * 1000, preAllocatedVUs: Math.ceil(rate) },
      users: [user('client', { iterate: ({ http }) => http.get(PRODUCT) })],
    }),
  )
  return productTimes(run)
}
