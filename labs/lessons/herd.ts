import { scenario, user } from '../../harness/scenario.ts'
import { experiment, PRODUCT } from '../experiment.ts'
import { lab } from '../lab.ts'

/** Clients that come back at the same moment, and clients that come back at random moments. */
export const herd = lab({
  name: 'herd',
  title: 'Thundering herds',
  story: [
    'A server was down for a moment, and all its clients have lost their connections at the same time.',
    'In the first run, each client waits one second and tries again. In the second, each waits a random time of up to the given jitter in addition.',
    'The number to watch is how many requests arrive within the busiest 100 ms.',
  ],
  settings: {
    clients: { label: 'clients', unit: 'count', value: 200, min: 10, max: 2000 },
    jitterMs: { label: 'jitter of the second run', unit: 'ms', value: 2000, min: 100, max: 20_000 },
  },
  measures: {
    together: {
      label: 'requests in the busiest 100 ms, without jitter',
      unit: 'count',
      from: 'harness',
      ask: 'How many requests arrive in the busiest 100 ms if nobody adds a random time?',
    },
    spread: {
      label: 'requests in the busiest 100 ms, with jitter',
      unit: 'count',
      from: 'harness',
      ask: 'And how many with the jitter?',
    },
  },
  loads: 2,
  theory: ({ clients, jitterMs }) => ({ together: clients, spread: (clients * SLOT_MS) / jitterMs }),
  async run(bench, { clients, jitterMs }) {
    return { together: await busiest(0), spread: await busiest(jitterMs) }

    async function busiest(jitter: number): Promise<number> {
      const { clock } = bench
      const arrivals: number[] = []
      await experiment(
        bench,
        'clients that come back',
        [],
        scenario({
          load: { executor: 'per-vu-iterations', vus: clients, iterations: 1, maxDuration: '10m' },
          users: [
            user('client', {
              async iterate({ http, sleep, random }) {
                await sleep(1000 + jitter * random.next())
                arrivals.push(clock.now())
                await http.get(PRODUCT)
              },
            }),
          ],
        }),
      )
      return mostWithin(arrivals, SLOT_MS)
    }
  },
  question: {
    ask: 'A service has 50,000 clients and can take 1000 new connections a second. How much jitter do they need at least?',
    options: ['1 s, as most libraries have it', '5 s', '50 s'],
    answer: () => 2,
    because:
      'Random times spread the clients evenly over the jitter. 50,000 clients at 1000 a second take 50 s, so a shorter jitter overloads the service again just when it has come back.',
  },
  next: 'Choose the jitter so that no more than 20 requests arrive in the busiest 100 ms. Why is the formula a little too low?',
})

const SLOT_MS = 100

/** Returns the highest number of times within any window of this length. */
function mostWithin(times: readonly number[], windowMs: number): number {
  const sorted = [...times].sort((a, b) => a - b)
  let most = 0
  let from = 0
  for (const [index, time] of sorted.entries()) {
    while (time - sorted[from]! > windowMs) from += 1
    most = Math.max(most, index - from + 1)
  }
  return most
}
