import { scenario, user } from '../../harness/scenario.ts'
import { experiment, length, PRODUCT, productAccount } from '../experiment.ts'
import { lab } from '../lab.ts'

/** Clients that ask again multiply the load just when the server fails. */
export const retries = lab({
  name: 'retries',
  title: 'Retry storms',
  story: [
    'Clients arrive at a steady rate. The server fails some of the requests, at random.',
    'A client whose request fails asks again at once, up to a number of attempts.',
    'The server counts every attempt as a request.',
  ],
  settings: {
    rate: { label: 'clients', unit: 'per second', value: 50, min: 1, max: 200 },
    failing: { label: 'share of requests that fail', unit: 'share', value: 0.5, min: 0, max: 1 },
    attempts: { label: 'attempts of a client at most', unit: 'count', value: 4, min: 1, max: 20 },
    seconds: length(4),
  },
  measures: {
    requests: {
      label: 'requests at the target',
      unit: 'per second',
      from: 'target',
      ask: 'How many requests a second reach the server?',
    },
    lost: {
      label: 'clients without an answer in the end',
      unit: 'share',
      from: 'harness',
      ask: 'Which share of the clients gets no answer at all?',
    },
  },
  theory: ({ rate, failing, attempts }) => ({
    requests: rate * (failing === 1 ? attempts : (1 - failing ** attempts) / (1 - failing)),
    lost: failing ** attempts,
  }),
  async run(bench, { rate, failing, attempts, seconds }) {
    let lost = 0
    let clients = 0
    const run = await experiment(
      bench,
      'clients that ask again',
      [{ id: 'failing', share: failing, fault: { type: 'status', status: 503 } }],
      scenario({
        load: {
          executor: 'constant-arrival-rate',
          rate,
          duration: seconds * 1000,
          preAllocatedVUs: Math.ceil(rate),
          maxVUs: 20 * Math.ceil(rate),
        },
        users: [
          user('client', {
            async iterate({ http }) {
              clients += 1
              for (let attempt = 1; attempt <= attempts; attempt++) if ((await http.get(PRODUCT)).ok) return
              lost += 1
            },
          }),
        ],
      }),
    )
    return { requests: productAccount(run).arrivals / seconds, lost: lost / clients }
  },
  question: {
    ask: 'The server fails because it has too much to do. What do the retries do?',
    options: [
      'They help: more clients get an answer in the end',
      'They make it worse: the failing server gets more requests than before, and fails more of them',
    ],
    answer: () => 1,
    because:
      'Failures that come from load grow with the load, and each retry adds to it. This is why clients wait longer after each attempt, add chance to the wait, and give up after a budget of retries.',
  },
  next: 'Let the server fail 90 % of the requests. How many requests a second does it get now?',
})
