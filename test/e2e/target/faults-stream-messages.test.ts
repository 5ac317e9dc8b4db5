import { describe, expect, test } from 'vitest'
import type { Fault } from '../../../contract/faults/fault.ts'
import type { FaultMatch, FaultRule } from '../../../contract/faults/rule.ts'
import type { FaultsReport } from '../../../contract/faults/report.ts'
import { until } from '../../support/stream-client.ts'
import { type Followed, followedTarget, lines, upTo } from './followed.ts'
import type { TestTarget } from './support.ts'

describe.each(lines)('messages over $name', line => {
  const { operation, channel } = line
  const onEvents = (fault: Fault, share = 1, match: FaultMatch = {}): FaultRule => ({
    id: fault.type,
    // Answers belong to the channel as well: the region keeps those who tell out.
    match: { operation, channel, region: 'eu', ...match },
    share,
    fault,
  })
  const ruleOf = async ({ url }: TestTarget, id: string) => {
    const { rules } = (await (await fetch(`${url}/_loadcell/faults`)).json()) as FaultsReport
    return rules.find(({ rule }) => rule.id === id)!
  }

  test('a dropped event is not delivered, and the ledger counts it', async () => {
    const target = await followedTarget(line, [onEvents({ type: 'drop' }, 0.3)])
    const client = await line.follow(target, 'one')
    await line.tell(target, upTo(200))
    const { injected } = await ruleOf(target, 'drop')
    await until(() => client.numbers.length === 200 - injected)
    client.leave()
    expect(injected).toBeGreaterThan(30)
    expect(injected).toBeLessThan(90)
    const { delivered, dropped } = await line.deliveries(target)
    expect({ delivered, dropped }).toEqual({ delivered: 200 - injected, dropped: { injected } })
    expect(client.numbers).toEqual([...new Set(client.numbers)].sort((a, b) => a - b))
  })

  test('the same consumer has the same fate, and another one its own', async () => {
    const rules = [onEvents({ type: 'drop' }, 0.5)]
    const seen: number[][] = []
    for (const keys of [['one'], ['two', 'one']]) {
      const target = await followedTarget(line, rules)
      const clients: Followed[] = []
      for (const key of keys) clients.push(await line.follow(target, key, key))
      await line.tell(target, upTo(64))
      for (const client of clients) client.leave()
      for (const key of keys) await line.deliveries(target, key)
      await until(() => clients.every(({ end }) => end !== undefined))
      seen.push(...clients.map(({ numbers }) => [...numbers]))
    }
    const [before, two, again] = seen
    expect(before!.length).toBeGreaterThan(10)
    expect(again).toEqual(before)
    expect(two).not.toEqual(before)
  })

  test('copies follow their original immediately', async () => {
    const target = await followedTarget(line, [onEvents({ type: 'duplicate', copies: 2 })])
    const client = await line.follow(target, 'one')
    await line.tell(target, upTo(3))
    await until(() => client.numbers.length === 9)
    client.leave()
    expect(client.numbers).toEqual([1, 1, 1, 2, 2, 2, 3, 3, 3])
    expect(await line.deliveries(target)).toMatchObject({
      delivered: 9,
      injected: { duplicated: 6, reordered: 0, malformed: 0 },
    })
  })

  test('a reordered event follows as many later events as configured, or is sent after a second', async () => {
    const target = await followedTarget(line, [onEvents({ type: 'reorder', distance: 3 }, 0.2)])
    const client = await line.follow(target, 'one')
    await line.tell(target, upTo(100))
    await until(() => client.numbers.length === 100)
    client.leave()
    const { numbers } = client
    expect(numbers.toSorted((a, b) => a - b)).toEqual(upTo(100))
    const late = numbers.filter((number, index) => numbers.slice(0, index).some(before => before > number))
    const { injected } = await line.deliveries(target)
    expect(late.length).toBeGreaterThan(5)
    expect(injected).toEqual({ duplicated: 0, reordered: late.length, malformed: 0 })
    for (const number of late) {
      const before = numbers.slice(0, numbers.indexOf(number))
      // Those that were late themselves did not go by.
      const passed = before.filter(other => other > number && !late.includes(other)).length
      if (number <= 80) expect(passed).toBe(3)
    }
  })

  test('a delayed message is late and in order, and its delay is reported', async () => {
    const distribution = { type: 'uniform', min: '20ms', max: '60ms' } as const
    const target = await followedTarget(line, [onEvents({ type: 'delay', at: 'per_message', distribution })])
    const client = await line.follow(target, 'one')
    await line.tell(target, upTo(20))
    await until(() => client.numbers.length === 20)
    client.leave()
    expect(client.numbers).toEqual(upTo(20))
    const { injected, delay } = await ruleOf(target, 'delay')
    expect(injected).toBeGreaterThanOrEqual(20)
    expect(delay?.planned).toMatchObject({ count: injected })
    expect(delay?.actual).toMatchObject({ count: injected })
    expect(await line.deliveries(target)).toMatchObject({ delivered: 20, unsent: 0 })
  })

  test('messages that are held back when their client leaves count as unsent', async () => {
    const target = await followedTarget(line, [
      onEvents({ type: 'delay', at: 'per_message', distribution: '1h' }),
      onEvents({ type: 'reorder', distance: 1000 }, 0.5),
    ])
    const client = await line.follow(target, 'one')
    await line.tell(target, upTo(10))
    client.leave()
    expect(await line.deliveries(target)).toMatchObject({ delivered: 0, unsent: 10 })
    expect(client.numbers).toEqual([])
  })

  test('waiting messages use the budget of their client', async () => {
    const { flags } = line
    const small = { 'streams.slowConsumer.budgetBytes': '4096', 'sockets.slowConsumer.budgetBytes': '4096' }
    const oldest = { 'streams.slowConsumer.policy': 'drop_oldest', 'sockets.slowConsumer.policy': 'drop_oldest' }
    const target = await followedTarget({ ...line, flags: { ...flags, ...small, ...oldest } }, [
      onEvents({ type: 'delay', at: 'per_message', distribution: '1h' }),
    ])
    const client = await line.follow(target, 'one')
    await line.tell(target, upTo(100))
    client.leave()
    const { dropped, unsent } = await line.deliveries(target)
    expect(dropped['drop_oldest']).toBeGreaterThan(50)
    expect(dropped['drop_oldest']! + unsent).toBe(100)
  })

  test('a malformed message is not JSON, but is delivered', async () => {
    const target = await followedTarget(line, [onEvents({ type: 'malformed' }, 0.3)])
    const client = await line.follow(target, 'one')
    await line.tell(target, upTo(60))
    await until(() => client.numbers.length === 60)
    client.leave()
    expect(client.numbers.map(Math.abs)).toEqual(upTo(60))
    const illegible = client.numbers.filter(number => number < 0).length
    expect(illegible).toBeGreaterThan(5)
    expect(await line.deliveries(target)).toMatchObject({
      delivered: 60,
      injected: { duplicated: 0, reordered: 0, malformed: illegible },
    })
  })

  test('a message can stall the whole target', async () => {
    const stalling = onEvents({ type: 'stall', duration: '20ms' }, 0.1)
    const target = await followedTarget(line, [{ ...stalling, scope: 'message' }])
    const client = await line.follow(target, 'one')
    await line.tell(target, upTo(50))
    await until(() => client.numbers.length === 50)
    client.leave()
    const { injected, delay } = await ruleOf(target, 'stall')
    expect(injected).toBeGreaterThan(0)
    expect(delay?.actual).toMatchObject({ count: injected })
  })

  test('rules for other channels and regions do not affect a message', async () => {
    const target = await followedTarget(line, [
      { ...onEvents({ type: 'drop' }), id: 'elsewhere', match: { operation, channel: 'other*' } },
      { ...onEvents({ type: 'drop' }), id: 'abroad', match: { operation, region: 'us' } },
    ])
    const client = await line.follow(target, 'one')
    await line.tell(target, upTo(5))
    await until(() => client.numbers.length === 5)
    client.leave()
    expect(await line.deliveries(target)).toMatchObject({ delivered: 5, dropped: {} })
    expect(await ruleOf(target, 'abroad')).toMatchObject({ matched: 0 })
  })

  test('a rule that comes and goes while the connection is open affects the messages in between', async () => {
    const target = await followedTarget(line, [])
    const change = (rules: FaultRule[]) =>
      fetch(`${target.url}/_loadcell/faults`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ rules }),
      })
    const client = await line.follow(target, 'one')
    await line.tell(target, [1, 2])
    await change([onEvents({ type: 'drop' })])
    await line.tell(target, [3, 4])
    await change([])
    await line.tell(target, [5, 6])
    await until(() => client.numbers.length === 4)
    client.leave()
    expect(client.numbers).toEqual([1, 2, 5, 6])
    expect(await line.deliveries(target)).toMatchObject({ delivered: 4, dropped: { injected: 2 } })
  })
})
