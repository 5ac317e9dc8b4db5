import { scenario, user, type Scenario } from '../../harness/scenario.ts'
import { experiment, length, PRODUCT, productAccount } from '../experiment.ts'
import { lab, type LabBench } from '../lab.ts'

/** The same server under a closed and an open model, before and after it becomes slow. */
export const models = lab({
  name: 'models',
  title: 'Open and closed models',
  story: [
    'In a closed model, a fixed number of users send a request, wait for the answer, think, and send the next. In an open model, requests arrive at a rate, whether or not earlier ones were answered.',
    'The run measures each model twice: with a server that answers in 20 ms, and with the same server when it needs 480 ms.',
    'The open model sends as many requests a second as the closed one did while the server was fast.',
  ],
  settings: {
    users: { label: 'users of the closed model', unit: 'count', value: 20, min: 1, max: 500 },
    thinkMs: { label: 'time that a user thinks', unit: 'ms', value: 180, min: 0, max: 10_000 },
    seconds: length(4),
  },
  measures: {
    closedFast: { label: 'closed model, fast server', unit: 'per second', from: 'target' },
    closedSlow: {
      label: 'closed model, slow server',
      unit: 'per second',
      from: 'target',
      ask: 'How many requests a second does the closed model send to the slow server?',
    },
    openSlow: {
      label: 'open model, slow server',
      unit: 'per second',
      from: 'target',
      ask: 'How many does the open model send to the slow server?',
    },
  },
  loads: 3,
  theory: ({ users, thinkMs }) => ({
    closedFast: closedRate(users, thinkMs, FAST_MS),
    closedSlow: closedRate(users, thinkMs, SLOW_MS),
    openSlow: closedRate(users, thinkMs, FAST_MS),
  }),
  async run(bench, { users, thinkMs, seconds }) {
    const duration = seconds * 1000
    const visitor = user('visitor', { think: thinkMs, iterate: ({ http }) => http.get(PRODUCT) })
    const closed = scenario({ load: { executor: 'constant-vus', vus: users, duration }, users: [visitor] })
    const open = scenario({
      load: {
        executor: 'constant-arrival-rate',
        rate: closedRate(users, thinkMs, FAST_MS),
        duration,
        preAllocatedVUs: users,
        maxVUs: 5000,
      },
      users: [user('visitor', { iterate: ({ http }) => http.get(PRODUCT) })],
    })
    return {
      closedFast: await arrivalRate(bench, closed, FAST_MS, seconds),
      closedSlow: await arrivalRate(bench, closed, SLOW_MS, seconds),
      openSlow: await arrivalRate(bench, open, SLOW_MS, seconds),
    }
  },
  question: {
    ask: 'A shop on the internet becomes slow. Which model behaves as its visitors do?',
    options: [
      'The closed model: visitors wait for the answer before they do anything else',
      'The open model: new visitors do not know that others are waiting',
    ],
    answer: () => 1,
    because:
      'The next visitor has not met the shop yet, so the arrivals do not slow down with it. A closed model sends less just when the server has trouble, and spares it. It fits a fixed group, such as the workers of a call centre.',
  },
  next: 'Let users think for 5 s. Why do the two models differ less now?',
})

const FAST_MS = 20
const SLOW_MS = 480

function closedRate(users: number, thinkMs: number, answerMs: number): number {
  return (1000 * users) / (thinkMs + answerMs)
}

async function arrivalRate(bench: LabBench, load: Scenario, answerMs: number, seconds: number): Promise<number> {
  const rule = { id: 'answer', fault: { type: 'delay', distribution: answerMs } as const }
  return productAccount(await experiment(bench, 'a model of load', [rule], load)).arrivals / seconds
}
