import { expect, it } from 'vitest'
import type { LedgerRecord } from '../../../../contract/ledger-record.ts'
import { type IncompleteResult, withTargetRecords } from '../../../../harness/results/complete.ts'
import type { TracedRequest } from '../../../../harness/results/run-result.ts'

const [one, other] = ['4bf92f3577b34da6a3ce929d0e0e4736', '5bf92f3577b34da6a3ce929d0e0e4736'] as const
const request: TracedRequest = {
  trace: one,
  name: '/orders',
  method: 'GET',
  status: 200,
  dueMs: 1,
  responseMs: 2,
  serviceMs: 2,
}
const known = {
  operation: 'orders.list',
  status: 200,
  outcome: 'completed',
  startedAt: 5,
  firstByteMs: 1,
  lastByteMs: 2,
} as const
const record: LedgerRecord = {
  ...known,
  ordinal: 0,
  run: 'r',
  bytesIn: 0,
  bytesOut: 0,
  late: false,
  stalled: false,
  details: { connection: 1, method: 'GET', url: '/orders', trace: one },
}

it('joins the slowest requests with the records of their traces, and leaves the others as they are', () => {
  const result = { slowest: [request, { ...request, trace: other }] } as IncompleteResult
  const { details: _details, ...withoutTrace } = record
  expect(withTargetRecords(result, [withoutTrace, record]).slowest).toEqual([
    { ...request, target: known },
    { ...request, trace: other },
  ])
})

it('changes nothing in a run without traces', () => {
  const result = {} as IncompleteResult
  expect(withTargetRecords(result, [record])).toBe(result)
})
