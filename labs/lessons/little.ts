import { scenario, user } from '../../harness/scenario.ts'
import { experiment, ledgerMs, length, PRODUCT, productAccount, productTimes } from '../experiment.ts'
import { lab } from '../lab.ts'

/** The number of requests at the target is the arrival rate times the time that each stays. */
export const little = lab({
  name: 'little',
  title: "Little's law",
  story: [
    'Requests arrive at a server at a steady rate. Each stays for the same time, and then leaves.',
    "Little's law says how many are there at the same time, on average, and it needs nothing but these two numbers. It holds for every system, whatever the order of service.",
    'It also says how many users or connections a load test needs.',
  ],
  settings: {
    rate: { label: 'arrivals', unit: 'per second', value: 40, min: 1, max: 300 },
    stayMs: { label: 'time that a request stays', unit: 'ms', value: 250, min: 1, max: 5000 },
    seconds: length(5),
  },
  measures: {
    present: {
      label: 'mean number of requests at the target',
      unit: 'count',
      from: 'target',
      ask: 'How many requests are at the target at the same time, on average?',
    },
    rate: { label: 'arrivals at the target', unit: 'per second', from: 'target' },
    stay: { label: 'mean time at the target', unit: 'ms', from: 'target' },
  },
  theory: ({ rate, stayMs }) => ({ present: (rate * stayMs) / 1000, rate, stay: stayMs }),
  async run(bench, { rate, stayMs, seconds }) {
    const peak = Math.ceil((rate * stayMs) / 500) + 20
    const run = await experiment(
      bench,
      "Little's law",
      [{ id: 'stay', fault: { type: 'delay', distribution: stayMs } }],
      scenario({
        load: {
          executor: 'constant-arrival-rate',
          rate,
          duration: seconds * 1000,
          preAllocatedVUs: peak,
          maxVUs: 10 * peak,
        },
        users: [user('visitor', { iterate: ({ http }) => http.get(PRODUCT) })],
      }),
    )
    const times = productTimes(run)
    const { arrivals } = productAccount(run)
    // The last requests have no successors: without their time, the run is as long as its arrivals.
    const runMs = ledgerMs(run) - stayMs + 1000 / rate
    return { present: times.sumMs / runMs, rate: (1000 * arrivals) / runMs, stay: times.meanMs }
  },
  question: {
    ask: 'The server becomes twice as slow, and the arrivals stay as they are. How many more connections does the load test need?',
    options: ['As many as before', 'Twice as many', 'Four times as many'],
    answer: () => 1,
    because:
      'Requests at the target = arrivals × time. If the time doubles and the arrivals stay, twice as many requests are there at once, and each of them has a connection of its own.',
  },
  next: 'Double the arrivals and halve the time. Which of the three numbers stays the same?',
})
