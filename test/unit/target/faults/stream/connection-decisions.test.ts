import { describe, expect, it } from 'vitest'
import { DelayQueue } from '../../../../../core/delay-queue.ts'
import { random } from '../../../../../core/random.ts'
import type { Fault } from '../../../../../contract/faults/fault.ts'
import { ActiveRule } from '../../../../../target/faults/active-rule.ts'
import { ConnectionDecisions } from '../../../../../target/faults/stream/connection-decisions.ts'
import type { ConnectionFaultDependencies } from '../../../../../target/faults/stream/connection-fault.ts'
import { subject } from '../../../../support/faults-bench.ts'
import { FakeClock } from '../../../../support/fake-clock.ts'

describe('a connection that is to be disconnected', () => {
  it('is cut at once, and no rule is asked after that', () => {
    const { decisions, rules, dependencies, closed } = connection({ type: 'disconnect' }, { type: 'disconnect' })
    decisions.decide(rules, subject(), dependencies)
    expect(closed).toEqual(['fault'])
    expect(rules.map(({ book }) => book.matched)).toEqual([1, 0])
  })

  it('is cut after so many messages, and not if its rule ends before', () => {
    const after: Fault = { type: 'disconnect', afterMessages: 2 }
    const cut = connection(after)
    cut.decisions.decide(cut.rules, subject(), cut.dependencies)
    cut.decisions.sent()
    expect(cut.closed).toEqual([])
    cut.decisions.sent()
    expect(cut.closed).toEqual(['fault'])
    const kept = connection(after)
    kept.decisions.decide(kept.rules, subject(), kept.dependencies)
    kept.decisions.keep([])
    kept.decisions.sent()
    kept.decisions.sent()
    expect(kept.closed).toEqual([])
  })

  it('is cut after a time, which is told to its rule', async () => {
    const { decisions, rules, dependencies, closed, clock } = connection({ type: 'disconnect', after: 20 })
    decisions.decide(rules, subject(), dependencies)
    await clock.advance(19)
    expect(closed).toEqual([])
    await clock.advance(2)
    expect(closed).toEqual(['fault'])
    expect(rules[0]!.book.reportDelay()).toMatchObject({ planned: { sumMs: 20 } })
  })
})

it('a connection is muted for as long as the rule acts', async () => {
  const { decisions, rules, dependencies, clock } = connection({ type: 'mute_heartbeats' })
  decisions.decide(rules, subject(), dependencies)
  expect(decisions.isMutedAt(clock.now())).toBe(true)
  await clock.advance(1001)
  expect(decisions.isMutedAt(clock.now())).toBe(false)
})

function connection(...faults: Fault[]) {
  const clock = new FakeClock()
  const closed: string[] = []
  const rules = faults.map(
    (fault, at) => new ActiveRule({ id: `r${at}`, ttl: '1s', fault }, { clock, random: random(1), source: 'rules' }),
  )
  const dependencies = {
    clock,
    delays: new DelayQueue(clock),
    connection: {
      get isOpen() {
        return closed.length === 0
      },
      close: (reason: string) => closed.push(reason),
    },
    exchange: { reset() {} },
  } as unknown as ConnectionFaultDependencies
  return { clock, closed, rules, dependencies, decisions: new ConnectionDecisions() }
}
