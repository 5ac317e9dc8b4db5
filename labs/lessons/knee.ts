import { meanWaitMarkovian } from '../../core/queueing.ts'
import { lab, type LabBench } from '../lab.ts'
import { length } from '../experiment.ts'
import { queue } from '../queue.ts'

/** The wait of M/M/1 at three loads: it grows without limit towards the capacity. */
export const knee = lab({
  name: 'knee',
  title: 'The knee of M/M/1',
  story: [
    'A server works on one request at a time. A service takes a random time (exponential), and requests arrive at random moments (Poisson).',
    'Its capacity is 1 ÷ the mean service time. Below it, no request is ever lost: requests wait.',
    'The run measures the server at half of its capacity, at three quarters, and at 90 %.',
  ],
  settings: {
    serviceMs: { label: 'mean time of a service', unit: 'ms', value: 10, min: 2, max: 200 },
    seconds: length(12),
  },
  measures: {
    half: {
      label: 'mean response at 50 % of the capacity',
      unit: 'ms',
      from: 'target',
      ask: 'How long does a response take at half of the capacity, wait and service together?',
    },
    threeQuarters: { label: 'mean response at 75 %', unit: 'ms', from: 'target' },
    nearlyFull: {
      label: 'mean response at 90 %',
      unit: 'ms',
      from: 'target',
      ask: 'And how long at 90 %?',
    },
  },
  theory: ({ serviceMs }) => ({
    half: responseMs(serviceMs, LOADS.half),
    threeQuarters: responseMs(serviceMs, LOADS.threeQuarters),
    nearlyFull: responseMs(serviceMs, LOADS.nearlyFull),
  }),
  async run(bench, settings) {
    return {
      half: await measured(bench, settings, LOADS.half),
      threeQuarters: await measured(bench, settings, LOADS.threeQuarters),
      nearlyFull: await measured(bench, settings, LOADS.nearlyFull),
    }
  },
  question: {
    ask: 'From 50 % to 90 % of the capacity, the load grows to 1.8 times. By how much does the response time grow?',
    options: ['To about 1.8 times', 'To about twice as long', 'To about five times as long'],
    answer: () => 2,
    because:
      'The mean response of M/M/1 is service ÷ (1 − utilisation). At 50 % that is twice the service, at 90 % ten times. A test at half of the load says little about the full one.',
  },
  next: 'Make a run five times as long. Which of the three numbers comes nearer to the formula, and why the one at 90 %?',
})

const LOADS = { half: 0.5, threeQuarters: 0.75, nearlyFull: 0.9 }

function responseMs(serviceMs: number, load: number): number {
  return serviceMs + meanWaitMarkovian({ arrivalRate: load / serviceMs, meanService: serviceMs, servers: 1 })
}

async function measured(
  bench: LabBench,
  { serviceMs, seconds }: { serviceMs: number; seconds: number },
  load: number,
): Promise<number> {
  const service = { type: 'exponential', mean: serviceMs } as const
  const visits = await queue(bench, { servers: 1, service, ratePerSecond: (1000 * load) / serviceMs, seconds })
  return visits.meanWaitMs + visits.meanServiceMs
}
