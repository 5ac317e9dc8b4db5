import { length } from '../experiment.ts'
import { consumption } from '../consumption.ts'
import { lab, type LabBench } from '../lab.ts'

/** Four workers share the events by key: once evenly, once with a key that is in most of them. */
export const hotPartition = lab({
  name: 'hot-partition',
  title: 'Consumer lag and hot partitions',
  story: [
    'Four workers share the events of a stream. Events of one customer must be handled in order, so each customer belongs to one worker.',
    'Together, the workers can handle more events than arrive.',
    'In the first run, the events are spread over a thousand customers. In the second, one customer causes most of them.',
  ],
  settings: {
    rate: { label: 'events', unit: 'per second', value: 80, min: 4, max: 200 },
    hot: { label: 'share of the events of one customer', unit: 'share', value: 0.7, min: 0, max: 1 },
    workMs: { label: 'time that a worker takes for an event', unit: 'ms', value: 30, min: 1, max: 1000 },
    seconds: length(5),
  },
  measures: {
    even: {
      label: 'events that wait at the end, many customers',
      unit: 'count',
      from: 'target',
      ask: 'How many events wait at the end if all customers are alike?',
    },
    skewed: {
      label: 'events that wait at the end, one big customer',
      unit: 'count',
      from: 'target',
      ask: 'And how many if one customer causes most of them?',
    },
    busiest: { label: 'share of the work of the busiest worker, one big customer', unit: 'share', from: 'harness' },
  },
  loads: 2,
  theory({ rate, hot, workMs, seconds }) {
    const capacity = 1000 / workMs
    const ofHotWorker = rate * (hot + (1 - hot) / WORKERS)
    return { skewed: Math.max(0, ofHotWorker - capacity) * seconds }
  },
  async run(bench, { rate, hot, workMs, seconds }) {
    const even = await backlog(bench, 'even', ordinal => `customer-${ordinal % 1000}`)
    const skewed = await backlog(bench, 'skewed', ordinal =>
      // Every tenth of a hundred in turn, so that each second has the same share.
      (ordinal * STRIDE) % 100 < 100 * hot ? 'the-big-one' : `customer-${ordinal % 1000}`,
    )
    return { even: even.waiting, skewed: skewed.waiting, busiest: skewed.busiestShare }

    function backlog(of: LabBench, name: string, keyOf: (ordinal: number) => string) {
      const stream = `lab-${name}-${of.clock.wallTime()}`
      return consumption(of, { stream, ratePerSecond: rate, workers: WORKERS, workMs, seconds, keyOf })
    }
  },
  question: {
    ask: 'The backlog of the second run grows. Which of these helps?',
    options: [
      'Twice as many workers',
      'Faster work on each event, or keys that divide the big customer where the order allows it',
    ],
    answer: () => 1,
    because:
      'All events of a key go to one worker, and it is at its limit while the others are idle. More workers change nothing for it. The average lag hides this: look at the lag of each member.',
  },
  next: 'Lower the share of the big customer until nothing waits. Does it agree with the capacity of one worker?',
})

const WORKERS = 4
/** Has no common divisor with 100, so that hot and other events alternate. */
const STRIDE = 37
