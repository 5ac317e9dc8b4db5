import { type Http, type RequestOptions, scenario, user } from '../../harness/scenario.ts'
import { experiment, type Experiment } from '../experiment.ts'
import { lab } from '../lab.ts'

/** Orders whose answers are lost, sent again with and without a key. */
export const idempotency = lab({
  name: 'idempotency',
  title: 'At least once, and exactly once',
  story: [
    'Customers place orders. The server carries out each order, but some of its answers are lost on the way back.',
    'A customer without an answer cannot know whether the order was placed, and sends it again, until an answer comes.',
    'In the second run, each order carries an Idempotency-Key, and all attempts for an order carry the same one.',
  ],
  settings: {
    orders: { label: 'orders that customers want', unit: 'count', value: 200, min: 10, max: 5000 },
    lost: { label: 'share of the answers that are lost', unit: 'share', value: 0.3, min: 0, max: 0.8 },
  },
  measures: {
    without: {
      label: 'orders that the server has, without keys',
      unit: 'count',
      from: 'target',
      ask: 'How many orders does the server have in the end, without keys?',
    },
    with: {
      label: 'orders that the server has, with keys',
      unit: 'count',
      from: 'target',
      ask: 'And how many with keys?',
    },
    attempts: { label: 'requests of the second run', unit: 'count', from: 'target' },
  },
  loads: 2,
  theory: ({ orders, lost }) => ({
    without: orders / (1 - lost),
    with: orders,
    attempts: orders / (1 - lost),
  }),
  async run(bench, { orders, lost }) {
    const rule = {
      id: 'lost-answers',
      match: { operation: 'orders.create' },
      share: lost,
      fault: { type: 'reset', at: 'after_handler' } as const,
    }
    const place = async (hasKey: boolean) => {
      let placed = 0
      let before = 0
      let after = 0
      const run = await experiment(
        bench,
        hasKey ? 'orders with keys' : 'orders without keys',
        [rule],
        scenario({
          async setup({ http }) {
            before = await ordersAt(http)
          },
          load: { executor: 'shared-iterations', vus: 10, iterations: orders, maxDuration: '10m' },
          users: [
            user('customer', {
              async iterate({ http }) {
                const key = `order-${(placed += 1)}`
                const options: RequestOptions = { json: ORDER, ...(hasKey && { headers: { 'Idempotency-Key': key } }) }
                for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++)
                  if ((await http.post('/api/v1/orders', options)).status > 0) return
              },
            }),
          ],
          async teardown({ http }) {
            after = await ordersAt(http)
          },
        }),
      )
      return { orders: after - before, attempts: attemptsIn(run) }
    }
    const without = await place(false)
    const withKeys = await place(true)
    return { without: without.orders, with: withKeys.orders, attempts: withKeys.attempts }
  },
  question: {
    ask: 'A queue promises to deliver each message at least once. What must its consumers do?',
    options: [
      'Nothing: the queue takes care that no message comes twice',
      'Recognise a message that they have handled already, by its id',
    ],
    answer: () => 1,
    because:
      'At least once means: again, whenever the sender is not sure. Only the receiver knows what it has done already, and it needs an id for that. A key makes the second attempt harmless.',
  },
  next: 'Lose 70 % of the answers. How many orders does the server have without keys?',
})

const MOST_ATTEMPTS = 100
const ORDER = {
  items: [{ product_id: '1', quantity: 1 }],
  shipping_address: { street: '1 Main Street', city: 'Utrecht', postal_code: '3511 AA', country: 'NL' },
}

/** Returns the number of orders that the target has. */
async function ordersAt(http: Http): Promise<number> {
  return (await http.get('/api/v1/orders', { query: { limit: 1 } })).json<number>('/total')
}

function attemptsIn({ ledger }: Experiment): number {
  return ledger.operations.find(({ operation }) => operation === 'orders.create')?.arrivals ?? 0
}
