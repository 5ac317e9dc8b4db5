import { meanWaitOfOneServer } from '../../core/queueing.ts'
import type { DistributionValue } from '../../core/distributions/value.ts'
import { length } from '../experiment.ts'
import { lab, type LabValues } from '../lab.ts'
import { queue } from '../queue.ts'

/** One service in ten takes five times the mean, so that the others take 5/9 of it. */
const LONG_SHARE = 0.1
const LONG = 5
const SHORT = (1 - LONG_SHARE * LONG) / (1 - LONG_SHARE)
/** Variance ÷ mean². */
const TAILED_VARIATION = (1 - LONG_SHARE) * SHORT ** 2 + LONG_SHARE * LONG ** 2 - 1

/** The same mean service, once even and once with a long tail. */
export const variability = lab({
  name: 'variability',
  title: 'Variability makes queues',
  story: [
    'One server, and the same random arrivals at it three times. Its services always take the same time on average.',
    'In the first run, each service takes exactly that time. In the second, the time is random (exponential). In the third, nine services in ten are short, and the tenth takes very long.',
    'The formula of Pollaczek and Khinchine says that the wait grows with the variance of the services.',
  ],
  settings: {
    serviceMs: { label: 'mean time of a service', unit: 'ms', value: 10, min: 5, max: 100 },
    load: { label: 'share of the capacity that is used', unit: 'share', value: 0.6, min: 0.05, max: 0.95 },
    seconds: length(12),
  },
  measures: {
    even: { label: 'mean wait with even services', unit: 'ms', from: 'target' },
    random: { label: 'mean wait with random services', unit: 'ms', from: 'target' },
    tailed: { label: 'mean wait with a few long services', unit: 'ms', from: 'target' },
  },
  curves: [
    {
      ask: 'How does the mean wait grow, from even services (0) over random ones (1) to those with a few long ones (2.78)?',
      x: { label: 'variance of the services ÷ their mean²', unit: 'count' },
      y: { label: 'mean wait', unit: 'ms' },
      points: [
        { measure: 'even', x: 0 },
        { measure: 'random', x: 1 },
        { measure: 'tailed', x: TAILED_VARIATION },
      ],
      formula: waitMs,
    },
  ],
  loads: 3,
  theory: settings => ({
    even: waitMs(settings, 0),
    random: waitMs(settings, 1),
    tailed: waitMs(settings, TAILED_VARIATION),
  }),
  async run(bench, { serviceMs, load, seconds }) {
    const waitOf = async (service: DistributionValue) =>
      (await queue(bench, { servers: 1, service, ratePerSecond: (1000 * load) / serviceMs, seconds })).meanWaitMs
    return {
      even: await waitOf(serviceMs),
      random: await waitOf({ type: 'exponential', mean: serviceMs }),
      tailed: await waitOf({
        type: 'bimodal',
        fast: SHORT * serviceMs,
        slow: LONG * serviceMs,
        slowShare: LONG_SHARE,
      }),
    }
  },
  question: {
    ask: 'A team makes its slowest requests faster, and the others a little slower. The mean stays the same. What happens to the wait of all?',
    options: ['It stays the same, as the mean does', 'It becomes shorter', 'It becomes longer'],
    answer: () => 1,
    because:
      'The wait grows with the variance of the services, because one long service holds up all those behind it. The mean alone does not say how long the queue is.',
  },
  next: 'Set the load to 0.3. By which factor do the waits with even and with random services differ now?',
})

function waitMs({ serviceMs, load }: LabValues<'serviceMs' | 'load'>, variation: number): number {
  return meanWaitOfOneServer({ arrivalRate: load / serviceMs, meanService: serviceMs }, variation)
}
