import { describe, expect, it } from 'vitest'
import type { LedgerReport } from '../../../../contract/ledger.ts'
import { Histogram } from '../../../../core/histogram.ts'
import { TruthWatch } from '../../../../harness/run-page/truth-watch.ts'
import type { TruthSecond } from '../../../../pages/run-feed.ts'
import { FakeClock } from '../../../support/fake-clock.ts'

const lastByte = new Histogram().toJSON()

function ledger(arrivals: number, boot = 'first'): LedgerReport {
  return {
    boot,
    open: { requests: 6, streams: 1 },
    sockets: { open: 3, endpoints: [{ delivered: 5 }] },
    events: { delivered: 10 },
    consumers: [],
    operations: [{ arrivals, statuses: { 200: arrivals - 2 }, lastByte }],
  } as unknown as LedgerReport
}

/** Watches a target that answers at once with what `reports` has next. */
function watching(reports: (LedgerReport | Error)[]) {
  const clock = new FakeClock()
  const truth: TruthSecond[] = []
  const problems: string[] = []
  const watch = new TruthWatch({
    clock,
    read: async () => {
      const next = reports.shift()!
      if (next instanceof Error) throw next
      return next
    },
    onTruth: seconds => void truth.push(...seconds),
    onProblem: problem => void problems.push(problem),
  })
  const look = async (afterMs: number) => {
    await clock.advance(afterMs)
    watch.look(0)
    await clock.advance(0)
  }
  return { look, truth, problems }
}

describe('the watch over the truth of the target', () => {
  it('tells the rates of the seconds between two readings', async () => {
    const { look, truth } = watching([ledger(100), ledger(400)])
    await look(1000)
    await look(2000)
    const rates = truth.map(({ second, arrivals, answers, delivered }) => ({ second, arrivals, answers, delivered }))
    expect(rates).toEqual([
      { second: 0, arrivals: 100, answers: 98, delivered: 15 },
      { second: 1, arrivals: 150, answers: 150, delivered: 0 },
      { second: 2, arrivals: 150, answers: 150, delivered: 0 },
    ])
    expect(truth[0]).toMatchObject({ openRequests: 2, openStreams: 4 })
  })

  it('reads a large ledger more seldom', async () => {
    const large = (arrivals: number) =>
      ({ ...ledger(arrivals), consumers: Array.from({ length: 10_000 }) }) as LedgerReport
    const { look, truth } = watching([large(10), large(80)])
    for (let second = 0; second < 8; second++) await look(1000)
    expect(truth.map(({ second, arrivals }) => ({ second, arrivals }))).toEqual([
      { second: 0, arrivals: 10 },
      ...Array.from({ length: 7 }, (_, at) => ({ second: at + 1, arrivals: 10 })),
    ])
  })

  it('compares nothing across a restart of the target', async () => {
    const { look, truth } = watching([ledger(100), ledger(20, 'second'), ledger(50, 'second')])
    await look(1000)
    await look(1000)
    await look(1000)
    expect(truth.map(({ second, arrivals }) => ({ second, arrivals }))).toEqual([
      { second: 0, arrivals: 100 },
      { second: 2, arrivals: 30 },
    ])
  })

  it('says why it cannot be read after three failures in a row, and goes on when it can', async () => {
    const gone = () => new Error('gone')
    const { look, problems, truth } = watching([ledger(10), gone(), gone(), gone(), gone(), ledger(60)])
    for (let second = 0; second < 6; second++) await look(1000)
    expect(problems).toEqual(['gone'])
    expect(truth.at(-1)).toMatchObject({ second: 5, arrivals: 10 })
  })
})
