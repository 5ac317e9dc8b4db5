import { expect, it } from 'vitest'
import { slowestLines } from '../../../../harness/report/slowest-lines.ts'
import type { RunResult, TracedRequest } from '../../../../harness/results/run-result.ts'
import { hostile } from './fixture.ts'

const request: TracedRequest = {
  trace: '4bf92f3577b34da6a3ce929d0e0e4736',
  name: '/orders',
  method: 'GET',
  status: 200,
  dueMs: 61_000,
  responseMs: 1500,
  serviceMs: 1400,
}
const target = { operation: 'orders.list', status: 200, outcome: 'completed', startedAt: 0, firstByteMs: 1 } as const

const linesOf = (slowest?: TracedRequest[]) => slowestLines({ slowest } as RunResult, 68)

it('says nothing about a run without traces', () => {
  expect(linesOf()).toEqual([])
})

it('shows the trace, both times and the request', () => {
  expect(linesOf([{ ...request, target: { ...target, lastByteMs: 1450 } }])).toEqual([
    '4bf92f3577b34da6a3ce929d0e0e4736  1.50 s, target 1.45 s',
    '  200 · 1:01 · GET /orders',
  ])
})

it('shows three, within the width, whatever their names are', () => {
  const lines = linesOf([request, { ...request, status: 0 }, { ...request, name: hostile.repeat(9) }, request])
  expect(lines).toHaveLength(6)
  expect(lines[3]).toBe('  no answer · 1:01 · GET /orders')
  expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(68)
})
