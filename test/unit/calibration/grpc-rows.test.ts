import { expect, it } from 'vitest'
import { grpcRows } from '../../../calibration/grpc-rows.ts'
import { counter, ledgerSide } from './sides.ts'

const operation = 'grpc.publish'

function differences(ours: Record<string, number>, theirs: Record<string, number>): Record<string, number> {
  const series = Object.entries(ours).map(([status, count]) =>
    counter('grpc_reqs', status === 'none' ? { operation } : { operation, status }, count),
  )
  const rows = grpcRows(series, { ...ledgerSide(), grpc: [{ operation, statuses: theirs }] })
  return Object.fromEntries(rows.map(({ what, difference }) => [what, difference]))
}

it.each<[string, Record<string, number>, Record<string, number>, Record<string, number>]>([
  ['equal counts agree', { OK: 3, NOT_FOUND: 1 }, { OK: 3, NOT_FOUND: 1 }, { OK: 0, NOT_FOUND: 0 }],
  ['a status that only the target has differs', { OK: 3 }, { OK: 3, INTERNAL: 1 }, { OK: 0, INTERNAL: -1 }],
  ['a status that only the harness has differs', { OK: 3, INTERNAL: 1 }, { OK: 3 }, { OK: 0, INTERNAL: 1 }],
])('%s', (_what, ours, theirs, expected) => {
  const named = Object.entries(expected).map(([status, difference]) => [
    `${operation} ended with ${status}`,
    difference,
  ])
  expect(differences(ours, theirs)).toEqual(Object.fromEntries(named))
})

it('puts down statuses of calls that ended before for the harness, and no more of them', () => {
  expect(differences({ OK: 2, none: 1 }, { OK: 3 })).toEqual({
    'grpc.publish ended with OK': 0,
    'grpc.publish ended, and the status lost': 0,
  })
  expect(differences({ OK: 1, none: 1 }, { OK: 3 })).toMatchObject({ 'grpc.publish ended with OK': -1 })
})

it('leaves out operations that the harness did not call by gRPC', () => {
  expect(differences({}, { OK: 3 })).toEqual({})
})
