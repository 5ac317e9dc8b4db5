import { describe, expect, it } from 'vitest'
import type { CommandOutcome } from '../../../../calibration/audit/audit-result.ts'
import { connectionPerRequest, cpuLimit, simultaneousStart, thinkTime } from '../../../../calibration/review/pacing.ts'
import { random } from '../../../../core/random.ts'
import { BEGAN_AT, detailedRecordOf } from '../../../support/audited-run.ts'
import { requests, reviewOf } from '../../../support/review-evidence.ts'

const on = (connection: number, startedAt: number) => detailedRecordOf({ startedAt }, { connection })

/** Ten users with twenty requests each, with these pauses. */
function users(pauseMs: (request: number) => number, beginMs: (user: number) => number = user => 500 * user) {
  return Array.from({ length: 10 }, (_, user) => {
    let at = beginMs(user)
    return requests(20, request => {
      const record = on(user, at)
      at += record.lastByteMs + pauseMs(request)
      return record
    })
  }).flat()
}

describe('simultaneousStart', () => {
  it('finds users who begin in one moment', () => {
    expect(
      reviewOf(
        simultaneousStart,
        users(
          () => 100,
          user => user,
        ),
      ),
    ).toMatchObject({
      id: 'simultaneous-start',
      count: 10,
      of: 10,
    })
  })

  it('has nothing against a ramp, or against one connection for each request', () => {
    expect(
      reviewOf(
        simultaneousStart,
        users(() => 100),
      ),
    ).toBeUndefined()
    expect(
      reviewOf(
        simultaneousStart,
        requests(30, index => on(index, 1)),
      ),
    ).toBeUndefined()
  })
})

describe('thinkTime', () => {
  it('finds users who do not pause', () => {
    expect(
      reviewOf(
        thinkTime,
        users(() => 1),
      ),
    ).toMatchObject({ id: 'no-think-time', harm: 'medium', count: 190 })
  })

  it('finds users who all pause for as long', () => {
    expect(
      reviewOf(
        thinkTime,
        users(() => 1000),
      ),
    ).toMatchObject({
      id: 'constant-think-time',
      title: 'the pauses between requests are all about 1000 ms',
    })
  })

  it('has nothing against pauses that vary, or a single user', () => {
    const draw = random(1)
    expect(
      reviewOf(
        thinkTime,
        users(() => 500 + 2000 * draw.next()),
      ),
    ).toBeUndefined()
    expect(
      reviewOf(
        thinkTime,
        requests(100, index => on(1, index * 6)),
      ),
    ).toBeUndefined()
  })
})

describe('connectionPerRequest', () => {
  it('finds a new connection for each request', () => {
    expect(
      reviewOf(
        connectionPerRequest,
        requests(30, index => on(index, index)),
      ),
    ).toMatchObject({
      id: 'connection-per-request',
      count: 30,
      of: 30,
    })
  })

  it('has nothing against connections that are used again', () => {
    expect(
      reviewOf(
        connectionPerRequest,
        requests(30, index => on(index % 10, index)),
      ),
    ).toBeUndefined()
  })
})

describe('cpuLimit', () => {
  const command = (cpuShare?: number): CommandOutcome => ({
    program: 'tool',
    args: [],
    added: [],
    startedAt: BEGAN_AT,
    durationMs: 1,
    exitCode: 0,
    ...(cpuShare !== undefined && { cpuShare }),
  })

  it('finds a command that used a whole core', () => {
    expect(reviewOf(cpuLimit, [on(1, 1)], {}, command(0.99))).toMatchObject({ id: 'cpu-limit', harm: 'high', count: 1 })
  })

  it('has nothing against one with time to spare, or of which nothing is known', () => {
    expect(reviewOf(cpuLimit, [on(1, 1)], {}, command(0.5))).toBeUndefined()
    expect(reviewOf(cpuLimit, [on(1, 1)], {}, command())).toBeUndefined()
    expect(reviewOf(cpuLimit, [on(1, 1)])).toBeUndefined()
  })
})
