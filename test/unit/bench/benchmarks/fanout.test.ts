import { expect, test } from 'vitest'
import { type Delivered, growthMarks, marksOf, middleOf, tableOf } from '../../../../bench/benchmarks/fanout.ts'

const delivered = (cpuUs: number, firstMs: number, meanMs = firstMs): Delivered => ({
  perSecond: 1e6 / cpuUs,
  cpuUs,
  fanoutCpuUs: cpuUs,
  firstMs,
  firstP99Ms: firstMs,
  meanMs,
})
const to1000 = { transport: 'SSE' as const, subscribers: 1000 }

test('one event at a time is compared with ready-made bytes, round by round', () => {
  const readings = [
    [delivered(4, 3), delivered(8, 8)],
    [delivered(4, 1), delivered(4, 1)],
  ]
  expect(marksOf({ ...to1000, burst: 1 }, readings).map(({ rounds, holds }) => ({ rounds, holds }))).toEqual([
    { rounds: [1, 0.5], holds: false },
    { rounds: [2, 7], holds: true },
  ])
})

test('a backlog is compared with the naive way and with one write, and its mean delay with ready-made bytes', () => {
  const readings = [[delivered(0.8, 30, 40)], [delivered(4, 1, 60)], [delivered(0.76, 1)], [delivered(8, 1)]]
  const marks = marksOf({ ...to1000, burst: 16 }, readings)
  expect(marks.map(({ rounds }) => rounds)).toEqual([[10], [0.95], [1.25], [-20]])
  expect(marks.every(({ holds }) => holds)).toBe(true)
})

test('the table shows a server beside the naive way and the ready-made bytes, with a dash for missing ones', () => {
  const names = [{ name: 'target' }, { name: 'ready-made' }]
  const { title, rows } = tableOf({ ...to1000, burst: 1 }, names, [[delivered(8, 2)], [delivered(4, 1)]])
  expect(title).toBe('SSE, 1,000 subscribers, one event at a time')
  expect(rows[0]).toEqual([
    'target',
    '125,000',
    '–',
    '125,000',
    '8.00',
    '–',
    '8.00',
    '0.50 (0.50…0.50)',
    '2.00',
    '2.00',
    '2.00',
  ])
})

test('growth is the cost at the largest size ÷ that at the smallest, also compared with ready-made bytes, and is missing with a single size', () => {
  const singles = new Map([
    [100, [[delivered(4, 1)], [delivered(4, 1)]]],
    [10_000, [[delivered(8, 1)], [delivered(10, 1)]]],
  ])
  expect(growthMarks('SSE', singles)).toMatchObject([
    { rounds: [2], holds: false },
    { rounds: [0.8], holds: true },
  ])
  expect(growthMarks('SSE', new Map([[100, [[delivered(4, 1)]]]]))).toEqual([])
})

test('a reading of several turns has their medians, by burst', () => {
  const turns = [
    [delivered(1, 1), delivered(10, 1)],
    [delivered(9, 2), delivered(12, 2)],
    [delivered(2, 6), delivered(11, 9)],
  ]
  expect(middleOf(turns)).toMatchObject([
    { cpuUs: 2, firstMs: 2 },
    { cpuUs: 11, firstMs: 2 },
  ])
})
