import { scenario, user } from '../../harness/scenario.ts'
import { experiment, length, PRODUCT } from '../experiment.ts'
import { lab } from '../lab.ts'

/** A token for each request, and a token for each user. */
export const tokens = lab({
  name: 'tokens',
  title: 'Tokens: reuse them',
  story: [
    'Users of an API need an access token. It is valid for an hour, and obtaining one means a login, which is expensive on purpose: a password is compared slowly.',
    'The first test logs in before every request. The second logs each user in once, as applications do.',
    'The number to watch is how many logins the server has to serve.',
  ],
  settings: {
    users: { label: 'users', unit: 'count', value: 5, min: 1, max: 50 },
    thinkMs: { label: 'time that a user thinks', unit: 'ms', value: 200, min: 0, max: 5000 },
    seconds: length(4),
  },
  measures: {
    each: {
      label: 'logins of the first test',
      unit: 'count',
      from: 'target',
      ask: 'How many logins does the server serve in the first test?',
    },
    once: {
      label: 'logins of the second test',
      unit: 'count',
      from: 'target',
      ask: 'And how many in the second?',
    },
    share: { label: 'share of logins among the requests of the first test', unit: 'share', from: 'target' },
  },
  loads: 2,
  theory: ({ users }) => ({ once: users, share: 0.5 }),
  async run(bench, { users, thinkMs, seconds }) {
    const load = { executor: 'constant-vus', vus: users, duration: seconds * 1000 } as const
    const email = (id: number) => `loadtest+${id}@example.com`
    const each = await experiment(
      bench,
      'a login for each request',
      [],
      scenario({
        load,
        users: [
          user('visitor', {
            think: thinkMs,
            async iterate({ http, vu }) {
              const login = await http.post('/auth/login', { json: { email: email(vu.id), password: PASSWORD } })
              const token = login.json<string>('/access_token')
              await http.get(PRODUCT, { headers: { Authorization: `Bearer ${token}` } })
            },
          }),
        ],
      }),
    )
    const once = await experiment(
      bench,
      'a login for each user',
      [],
      scenario({
        load,
        users: [
          user('visitor', {
            think: thinkMs,
            begin: ({ auth, vu }) => auth.login(email(vu.id), PASSWORD),
            iterate: ({ http }) => http.get(PRODUCT),
          }),
        ],
      }),
    )
    const requests = each.ledger.operations.reduce((sum, { arrivals }) => sum + arrivals, 0)
    const { issued } = each.ledger.tokens
    return { each: issued, once: once.ledger.tokens.issued, share: issued / requests }
  },
  question: {
    ask: 'Two hundred users log in at the start of a test, and their tokens live for ten minutes. What happens ten minutes later?',
    options: [
      'Nothing: each user gets a new token when it needs one',
      'All tokens expire at the same moment, and the logins come as a stampede',
    ],
    answer: () => 1,
    because:
      'Tokens that were issued together expire together. Refresh them a random time before their end, and look at the minute after the first expiry: a shorter test never sees it.',
  },
  next: 'Run the ready scenario token-stampede: loadcell run token-stampede. What is the longest response time, and when?',
})

const PASSWORD = 'TestPassword123!'
