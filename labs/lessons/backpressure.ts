import { length } from '../experiment.ts'
import { consumption } from '../consumption.ts'
import { lab } from '../lab.ts'

/** One worker that is a little too slow: its backlog grows for as long as the events come. */
export const backpressure = lab({
  name: 'backpressure',
  title: 'Backpressure and slow consumers',
  story: [
    'A producer publishes events at a steady rate. One worker follows the stream and takes the same time for each event.',
    'The producer does not wait for the worker. What the worker has not handled waits: in the server, in the network, or in its own memory.',
    'Nothing fails and nothing is slow, at least not at first.',
  ],
  settings: {
    rate: { label: 'events', unit: 'per second', value: 60, min: 1, max: 200 },
    workMs: { label: 'time that the worker takes for an event', unit: 'ms', value: 25, min: 1, max: 1000 },
    seconds: length(5),
  },
  measures: {
    waiting: {
      label: 'events that wait at the end',
      unit: 'count',
      from: 'target',
      ask: 'How many events have been accepted and not handled at the end of the run?',
    },
    oldest: {
      label: 'age of the oldest event that was handled',
      unit: 'ms',
      from: 'harness',
      ask: 'How old is the oldest event when the worker begins to handle it?',
    },
  },
  theory({ rate, workMs, seconds }) {
    const capacity = 1000 / workMs
    const waiting = Math.max(0, rate - capacity) * seconds
    return { waiting, oldest: (1000 * waiting) / rate }
  },
  async run(bench, { rate, workMs, seconds }) {
    const { waiting, oldestMs } = await consumption(bench, {
      stream: `lab-backpressure-${bench.clock.wallTime()}`,
      ratePerSecond: rate,
      workers: 1,
      workMs,
      seconds,
      keyOf: () => 'one',
    })
    return { waiting, oldest: oldestMs }
  },
  question: {
    ask: 'The worker is 10 % too slow. After which time does the backlog stop growing?',
    options: ['After about ten seconds', 'When the server drops events, or the producer stops', 'After about a minute'],
    answer: () => 1,
    because:
      'A queue whose arrivals are faster than its service grows for ever. A system must decide what happens then: wait (and slow the producer down), drop events, or cut the consumer off. The target can do each: streams.slowConsumer.policy.',
  },
  next: 'Find the longest time of work with which nothing waits in the end. How much room does it leave for a bad moment?',
})
