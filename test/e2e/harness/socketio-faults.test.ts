import { expect, test } from 'vitest'
import type { Fault } from '../../../contract/faults/fault.ts'
import type { FaultRule } from '../../../contract/faults/rule.ts'
import { scenario, user } from '../../../harness/scenario.ts'
import { bothEnds } from './both-ends.ts'
import { quiet } from './quiet-trial.ts'

const on = {
  ...quiet,
  'socketio.enabled': 'true',
  // Sessions that nobody polls end soon.
  'socketio.pingInterval': '50ms',
  'socketio.pingTimeout': '50ms',
}

/** Opens sessions by polling, under a rule for each of their requests. */
async function openedUnder(fault: Fault, { warm = false } = {}) {
  const rule: FaultRule = { id: 'it', match: { operation: 'socketio.connect' }, fault }
  const errors: string[] = []
  const ends = await bothEnds(
    { ...on, 'faults.rules': JSON.stringify([rule]) },
    scenario({
      load: { executor: 'per-vu-iterations', vus: 1, iterations: 2 },
      users: [
        user('listener', {
          async iterate({ http, socketio }) {
            if (warm) await http.get('/products/1')
            await socketio
              .open('/quotes', { transport: 'polling', reconnect: false, timeout: '200ms' })
              .catch((error: unknown) => errors.push(String(error)))
          },
        }),
      ],
    }),
  )
  const account = ends.ledger.sockets.endpoints.find(({ operation }) => operation === 'socketio.connect')
  return { ...ends, errors, opened: account?.opened ?? 0 }
}

const losing: [name: string, fault: Fault][] = [
  ['that hangs', { type: 'hang', at: 'after_handler' }],
  ['that becomes a 503', { type: 'status', status: 503, at: 'after_handler' }],
  ['that becomes a 404', { type: 'status', status: 404, at: 'after_handler' }],
  ['that is reset', { type: 'reset', at: 'after_handler' }],
  ['that ends early', { type: 'close_early', afterBytes: 10 }],
  ['without a body', { type: 'corrupt', how: 'empty_body' }],
]

test.each(losing)('both ends agree on polled sessions whose opening has an answer %s', async (_name, fault) => {
  const { errors, opened, result, compared } = await openedUnder(fault)
  expect(errors, 'openings that failed').toHaveLength(2)
  expect(opened, 'sessions of the target').toBe(2)
  expect(result.series.filter(({ metric }) => metric === 'ws_sessions')).toEqual([])
  expect(compared).toContain('socketio.connect sessions whose opening was not read')
})

test('both ends agree on polled sessions whose opening is sent once more, because its connection was reset', async () => {
  const { opened, result } = await openedUnder({ type: 'reset', at: 'after_handler' }, { warm: true })
  const times = (name: string) =>
    result.series.map(({ metric, value }) => (metric === name && value.kind === 'counter' ? value.total : 0))
  const sum = (counts: number[]) => counts.reduce((all, count) => all + count, 0)
  expect(sum(times('http_req_resent')), 'sent once more').toBeGreaterThan(0)
  expect(sum(times('ws_sessions_unknown')), 'sessions that may have opened').toBe(opened)
  expect(opened, 'sessions of the target').toBe(2 + sum(times('http_req_resent')))
})

test('a polled session that is refused before it opens is not among those that may have opened', async () => {
  const { errors, opened, compared } = await openedUnder({ type: 'status', status: 503 })
  expect([errors.length, opened]).toEqual([2, 0])
  expect(compared).not.toContain('socketio.connect sessions whose opening was not read')
})

test('the request of an opening that is not answered in time ends with it', async () => {
  const { result } = await openedUnder({ type: 'hang' })
  expect(result.errors).toMatchObject([{ reason: 'timeout', count: 2 }])
})
