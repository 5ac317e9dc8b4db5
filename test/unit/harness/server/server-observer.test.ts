import { describe, expect, it } from 'vitest'
import type { MetricSource } from '../../../../harness/server/metric-source.ts'
import { ServerObserver } from '../../../../harness/server/server-observer.ts'
import { FakeClock } from '../../../support/fake-clock.ts'

const never = new AbortController().signal
/** The first seconds, in which a slow answer is no silence. */
const heard = [0, 0, 0, 0]

/** A source that takes this long for each sample, or fails. Its values count its samples. */
function source(
  clock: FakeClock,
  delaysMs: (number | Error)[] = [],
  kind: MetricSource['kind'] = 'prometheus',
): MetricSource {
  let ordinal = 0
  return {
    place: 'http://h/metrics',
    kind,
    unmatched: [],
    notKept: { count: 0, examples: [] },
    async sample(signal) {
      const own = ordinal++
      const delay = delaysMs[own] ?? 0
      if (delay instanceof Error) throw delay
      await clock.sleep(delay, signal)
      if (signal.aborted) throw new Error('the run was over')
      return [{ name: 'n', labels: {}, value: own }]
    },
    close: () => Promise.resolve(),
  }
}

/** Observes some seconds as a run does. */
async function observe(seconds: number, delaysMs: (number | Error)[], restMs = 0) {
  const clock = new FakeClock()
  const observer = new ServerObserver([source(clock, delaysMs)], { clock, startedAt: clock.now() })
  observer.look(-1)
  for (let second = 0; second < seconds; second++) {
    await clock.advance(1000)
    observer.look(second)
  }
  await clock.advance(restMs)
  const { sources, series } = await clock.finish(observer.end(restMs >= 250 ? seconds : seconds - 1, never))
  return { account: sources[0]!, values: Array.from(series[0]?.values ?? []) }
}

describe('ServerObserver', () => {
  it('gives each second the sample at its end, and the first sample to none', async () => {
    const { account, values } = await observe(3, [])
    expect(values).toEqual([1, 2, 3])
    expect(account).toMatchObject({ answered: 4, failed: 0, problem: undefined })
  })

  it('gives a last second that is long enough a sample of its own', async () => {
    expect((await observe(2, [], 400)).values).toEqual([1, 2, 3])
    expect((await observe(2, [], 100)).values).toEqual([1, 2])
  })

  it('leaves a gap where a sample fails, and keeps the first reason', async () => {
    const { account, values } = await observe(4, [0, 0, new Error('it answered 500'), new Error('it answered 502')])
    expect(values).toEqual([1, undefined, undefined, 4])
    expect(account).toMatchObject({ answered: 3, failed: 2, problem: { atMs: 2000, detail: 'it answered 500' } })
  })

  it('asks a slow source again only when it has answered, and puts its sample into the second in which it was taken', async () => {
    const { account, values } = await observe(5, [0, 1600])
    expect(values).toEqual([undefined, 1, 2, 3, 4])
    expect(account).toMatchObject({
      answered: 5,
      failed: 1,
      problem: { atMs: 2000, detail: 'no answer within a second' },
    })
  })

  it('waits for the last sample for a second only', async () => {
    const { account, values } = await observe(2, [0, 0, 60_000])
    expect(values).toEqual([1])
    expect(account.answered).toBe(2)
  })

  it('does not wait at all when the run is stopped at once', async () => {
    const clock = new FakeClock()
    const observer = new ServerObserver([source(clock, [60_000])], { clock, startedAt: 0 })
    observer.look(-1)
    await clock.advance(1000)
    await observer.end(undefined, AbortSignal.abort())
    expect(clock.now()).toBe(1000)
  })

  it('keeps six digits', async () => {
    const clock = new FakeClock()
    const exact = { ...source(clock), sample: () => Promise.resolve([{ name: 'n', labels: {}, value: 1 / 3 }]) }
    const observer = new ServerObserver([exact], { clock, startedAt: 0 })
    await clock.advance(1000)
    const { series } = await clock.finish(observer.end(0, never))
    expect(series[0]!.values).toEqual([0.333333])
  })

  it.each<[string, MetricSource['kind'], (number | Error)[], number[]]>([
    ['is silent once it has owed a sample for four seconds', 'loadcell', [0, 6000], [...heard, 5, 6, 0]],
    ['is heard with its next answer', 'loadcell', [0, 4500], [...heard, 5, 0, 0]],
    [
      'is not silent where its samples fail',
      'loadcell',
      Array.from({ length: 9 }, () => new Error('it answered 503')),
      Array<number>(7).fill(0),
    ],
    ['is not known by other servers', 'prometheus', [0, 6000], Array<number>(7).fill(0)],
  ])('tells that the target %s', async (_what, kind, delaysMs, silences) => {
    const clock = new FakeClock()
    const observer = new ServerObserver([source(clock, [...delaysMs], kind)], { clock, startedAt: clock.now() })
    observer.look(-1)
    const seen: number[] = []
    for (let second = 0; second < silences.length; second++) {
      await clock.advance(1000)
      observer.look(second)
      seen.push(observer.targetSilentSeconds)
    }
    await clock.finish(observer.end(undefined, never))
    expect(seen).toEqual(silences)
  })
})
