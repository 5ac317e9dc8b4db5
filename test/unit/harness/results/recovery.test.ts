import { describe, expect, it } from 'vitest'
import type { Break } from '../../../../harness/metrics/observations.ts'
import { recoveriesOf } from '../../../../harness/results/recovery.ts'

const mark = (atMs: number) => ({ atMs, label: 'cut', detail: '' })

/** Breaks of one user's connections just after a mark at 0 ms; each is back after so many ms, or never. */
function breaksOf(who: string, backAfterMs: (number | undefined)[], from = 0): Break[] {
  return backAfterMs.map((afterMs, index) => ({
    worker: 0,
    connection: from + index,
    who,
    brokenAtMs: 5,
    backAtMs: afterMs,
  }))
}

describe('recoveriesOf', () => {
  it('attributes no break to a change of the run itself', () => {
    const change = { ...mark(2), source: 'live control' as const }
    expect(recoveriesOf([mark(0), change], breaksOf('a', [100])).map(({ atMs }) => atMs)).toEqual([0])
  })

  it('reports when each share was back, whatever the order of their return', () => {
    const [recovery] = recoveriesOf([mark(0)], breaksOf('a', [400, 100, 300, 200]))
    expect(recovery?.connections).toEqual([
      {
        who: 'a',
        broken: 4,
        back: 4,
        milestones: [
          { share: 0.5, afterMs: 200 },
          { share: 0.9, afterMs: 400 },
          { share: 0.99, afterMs: 400 },
          { share: 1, afterMs: 400 },
        ],
        mostInTenthSecond: 2,
        curve: [
          { afterMs: 0, share: 0 },
          { afterMs: 100, share: 0.25 },
          { afterMs: 200, share: 0.5 },
          { afterMs: 300, share: 0.75 },
          { afterMs: 400, share: 1 },
        ],
      },
    ])
  })

  it('never reports all as back while one is missing', () => {
    const [recovery] = recoveriesOf([mark(0)], breaksOf('a', [10, 20, 30, undefined]))
    expect(recovery?.connections[0]).toMatchObject({ broken: 4, back: 3 })
    expect(recovery?.connections[0]?.milestones).toEqual([
      { share: 0.5, afterMs: 20 },
      { share: 0.9 },
      { share: 0.99 },
      { share: 1 },
    ])
    expect(recovery?.connections[0]?.curve.at(-1)).toEqual({ afterMs: 30, share: 0.75 })
  })

  it('tells kinds of users apart, and sums them up', () => {
    const breaks = [...breaksOf('few', [10]), ...breaksOf('many', [500, 510, 520], 10)]
    const [recovery] = recoveriesOf([mark(0)], breaks)
    expect(recovery?.connections.map(({ who, broken }) => [who, broken])).toEqual([
      ['all', 4],
      ['many', 3],
      ['few', 1],
    ])
    expect(recovery?.connections.map(({ mostInTenthSecond }) => mostInTenthSecond)).toEqual([3, 3, 1])
  })

  it('counts a connection that broke again while it recovered once, and as back when it stays', () => {
    const again = { worker: 0, connection: 0, who: 'a', brokenAtMs: 300, backAtMs: 900 }
    const [recovery] = recoveriesOf([mark(0)], [...breaksOf('a', [200]), again])
    expect(recovery?.connections[0]).toMatchObject({ broken: 1, back: 1 })
    expect(recovery?.connections[0]?.milestones.at(-1)).toEqual({ share: 1, afterMs: 900 })
  })

  it('leaves out connections that broke before a mark, long after it, or at the next', () => {
    const breaks = [-10, 50, 5100, 9000].map((brokenAt, connection) => ({
      worker: 0,
      connection,
      who: 'a',
      brokenAtMs: brokenAt,
      backAtMs: undefined,
    }))
    const broken = recoveriesOf([mark(0), mark(8000)], breaks).map(({ atMs, connections }) => [
      atMs,
      connections[0]?.broken,
    ])
    expect(broken).toEqual([
      [0, 1],
      [8000, 1],
    ])
    expect(recoveriesOf([mark(20_000)], breaks)).toEqual([])
  })

  it('draws a storm of any size with few points, the last included', () => {
    const times = Array.from({ length: 10_001 }, (_, index) => index / 5)
    const [recovery] = recoveriesOf([mark(0)], breaksOf('a', times))
    const curve = recovery?.connections[0]?.curve ?? []
    expect(curve.length).toBeLessThanOrEqual(202)
    expect(curve.at(-1)).toEqual({ afterMs: 2000, share: 1 })
  })
})
