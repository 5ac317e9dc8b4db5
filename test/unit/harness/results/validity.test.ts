import { describe, expect, it } from 'vitest'
import type { TimelinePoint } from '../../../../harness/results/timeline.ts'
import { type GeneratorEvidence, judgeGenerator } from '../../../../harness/results/validity.ts'

const calm: TimelinePoint = {
  atMs: 0,
  activeUsers: 1,
  openStreams: 0,
  openSockets: 0,
  openedPerSecond: 0,
  requestsPerSecond: 100,
  failuresPerSecond: 0,
  iterationsPerSecond: 100,
  publishedPerSecond: 0,
  deliveredPerSecond: 0,
  droppedIterations: 0,
  sentBytesPerSecond: 0,
  receivedBytesPerSecond: 0,
  connectionsOpenedPerSecond: 0,
  responseP50Ms: 1,
  responseP95Ms: 1,
  responseP99Ms: 1,
  serviceP95Ms: 1,
  waitingP50Ms: 1,
  waitingP95Ms: 1,
  connectingP95Ms: 0,
  e2eP50Ms: 0,
  e2eP99Ms: 0,
  sendDelayP99Ms: 0.1,
  generatorCpu: 0.3,
  eventLoopDelayP99Ms: 1,
}

function judge(
  bad: Partial<TimelinePoint>,
  badSeconds: number,
  seconds: number,
  more: Partial<GeneratorEvidence> = {},
) {
  const timeline = Array.from({ length: seconds }, (_, second) => (second < badSeconds ? { ...calm, ...bad } : calm))
  return judgeGenerator({
    timeline,
    gcShares: timeline.map(() => 0.01),
    sendDelayP99Ms: 0.1,
    loads: [],
    workers: [],
    errors: [],
    timestamps: { kept: 0, ahead: 0, inOtherUnits: {} },
    ...more,
  })
}

describe('judgeGenerator', () => {
  it('accepts a calm run, and one of no duration, as valid', () => {
    expect(judge({}, 0, 30)).toMatchObject({ state: 'valid' })
    expect(judge({}, 0, 0)).toMatchObject({ state: 'valid' })
  })

  it.each([{ sendDelayP99Ms: 50 }, { generatorCpu: 0.98 }, { eventLoopDelayP99Ms: 200 }])(
    'takes a run with many seconds of %o as invalid, but not for a hiccup',
    bad => {
      const more = { sendDelayP99Ms: bad.sendDelayP99Ms ?? 0.1 }
      const invalid = judge(bad, 10, 30, more)
      expect(invalid.state).toBe('invalid')
      expect(invalid.findings.filter(({ state }) => state === 'doubtful')).toHaveLength(1)
      expect(judge(bad, 3, 30, more).state).toBe('valid')
      expect(judge(bad, 2, 2, more).state).toBe('valid')
      expect(judge(bad, 6, 600, more).state).toBe('valid')
    },
  )

  it('takes a run as invalid whose generator stood still, which has one point for all that time', () => {
    const { state, findings } = judge({ eventLoopDelayP99Ms: 9970 }, 1, 6)
    expect(state).toBe('invalid')
    expect(findings.find(({ state }) => state === 'doubtful')).toMatchObject({
      observed: 'worst second 9970 ms late at p99; over the limit in 10 of 15 seconds',
    })
    expect(judge({ eventLoopDelayP99Ms: 3000 }, 1, 6).state).toBe('valid')
    expect(judge({ eventLoopDelayP99Ms: 9970 }, 1, 600).state).toBe('valid')
  })

  it('does not judge the send delay of few requests as strictly as that of many', () => {
    const { state, findings } = judge({ sendDelayP99Ms: 50 }, 10, 30, { sendDelayP99Ms: 9 })
    expect(state).toBe('valid')
    expect(findings[0]).toMatchObject({
      state: 'ok',
      observed: 'p99 of the delay 9 ms; over the limit in 10 of 30 seconds',
    })
  })

  it('requires that every iteration of an open model began', () => {
    expect(judge({}, 0, 30, { loads: [{ arrivals: { due: 1000, dropped: 50 } }] })).toMatchObject({
      state: 'invalid',
      findings: [{ state: 'doubtful', observed: '950 of 1000 began, 50 were dropped' }, {}, {}, {}, {}],
    })
    expect(judge({}, 0, 30, { loads: [{ arrivals: { due: 1000, dropped: 8 } }] }).state).toBe('valid')
    expect(judge({}, 0, 30, { loads: [{ arrivals: { due: 20, dropped: 2 } }] }).state).toBe('valid')
    expect(judge({}, 0, 30).findings).toHaveLength(4)
  })

  it('asks of each of several loads, so that a small one does not hide behind a large one', () => {
    const late = Array.from({ length: 30 }, (_, second) => (second < 10 ? 50 : 1))
    const calmDelays = { p99Ms: 0.1, p99MsBySecond: late.map(() => 0.1) }
    const loads = [
      { load: 'browse', users: { asked: 100, came: 100 }, sendDelay: calmDelays },
      { load: 'sale', arrivals: { due: 100, dropped: 20 }, sendDelay: { p99Ms: 50, p99MsBySecond: late } },
    ]
    const { state, findings } = judge({}, 0, 30, { loads })
    expect(state).toBe('invalid')
    expect(findings.slice(0, 5).map(({ question, state }) => [question, state])).toEqual([
      ['Did every scheduled iteration of sale begin?', 'doubtful'],
      ['Did every scheduled user of browse start?', 'ok'],
      ['Were requests sent when they were due?', 'ok'],
      ['Were requests of browse sent when they were due?', 'ok'],
      ['Were requests of sale sent when they were due?', 'doubtful'],
    ])
  })

  it('treats garbage collection as a hint that alone makes no run invalid', () => {
    const { state, findings } = judge({}, 0, 20, { gcShares: Array.from({ length: 20 }, () => 0.4) })
    expect(state).toBe('valid')
    expect(findings.at(-1)).toMatchObject({ state: 'doubtful' })
  })
})
