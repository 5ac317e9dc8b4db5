import { meanWaitMarkovian } from '../../core/queueing.ts'
import { lab, type LabBench } from '../lab.ts'
import { length } from '../experiment.ts'
import { queue } from '../queue.ts'

const LOADS = { quarter: 0.25, half: 0.5, threeQuarters: 0.75, nearlyFull: 0.9 }

/** The wait of M/M/1 at four loads: it grows without limit towards the capacity. */
export const knee = lab({
  name: 'knee',
  title: 'The knee of M/M/1',
  story: [
    'A server works on one request at a time. A service takes a random time (exponential), and requests arrive at random moments (Poisson).',
    'Its capacity is 1 ÷ the mean service time. Below it, no request is ever lost: requests wait.',
    'The run measures the server at a quarter of its capacity, at half, at three quarters, and at 90 %. The fuller the server, the longer it is measured, because its queue varies more.',
  ],
  settings: {
    serviceMs: { label: 'mean time of a service', unit: 'ms', value: 10, min: 2, max: 200 },
    seconds: { ...length(10), label: 'mean length of the four loads' },
  },
  measures: {
    quarter: { label: 'mean response at 25 % of the capacity', unit: 'ms', from: 'target' },
    half: { label: 'mean response at 50 %', unit: 'ms', from: 'target' },
    threeQuarters: { label: 'mean response at 75 %', unit: 'ms', from: 'target' },
    nearlyFull: { label: 'mean response at 90 %', unit: 'ms', from: 'target' },
  },
  curves: [
    {
      ask: 'How long does a response take at each load, wait and service together?',
      x: { label: 'load, as a share of the capacity', unit: 'share' },
      y: { label: 'mean response', unit: 'ms' },
      points: [
        { measure: 'quarter', x: LOADS.quarter },
        { measure: 'half', x: LOADS.half },
        { measure: 'threeQuarters', x: LOADS.threeQuarters },
        { measure: 'nearlyFull', x: LOADS.nearlyFull },
      ],
      formula: ({ serviceMs }, load) => responseMs(serviceMs, load),
    },
  ],
  loads: 4,
  theory: ({ serviceMs }) => ({
    quarter: responseMs(serviceMs, LOADS.quarter),
    half: responseMs(serviceMs, LOADS.half),
    threeQuarters: responseMs(serviceMs, LOADS.threeQuarters),
    nearlyFull: responseMs(serviceMs, LOADS.nearlyFull),
  }),
  async run(bench, settings) {
    return {
      quarter: await measured(bench, settings, LOADS.quarter),
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
  next: 'Make a run five times as long. Which of the four numbers comes nearer to the formula, and why the one at 90 %?',
})

function responseMs(serviceMs: number, load: number): number {
  return serviceMs + meanWaitMarkovian({ arrivalRate: load / serviceMs, meanService: serviceMs, servers: 1 })
}

async function measured(
  bench: LabBench,
  { serviceMs, seconds }: { serviceMs: number; seconds: number },
  load: number,
): Promise<number> {
  const service = { type: 'exponential', mean: serviceMs } as const
  const share = load < LOADS.threeQuarters ? 0.5 : load < LOADS.nearlyFull ? 1 : 2
  const ratePerSecond = (1000 * load) / serviceMs
  const visits = await queue(bench, { servers: 1, service, ratePerSecond, seconds: share * seconds })
  return visits.meanWaitMs + visits.meanServiceMs
}
