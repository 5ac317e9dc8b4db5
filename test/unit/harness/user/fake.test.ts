import { describe, expect, test } from 'vitest'
import { EventEnvelope, eventData, streamOf } from '../../../../contract/api/events.ts'
import { checker } from '../../../../core/check.ts'
import { random } from '../../../../core/random.ts'
import { createFake } from '../../../../harness/user/fake.ts'
import type { Fake } from '../../../../harness/scenario/context.ts'
import { ManualClock } from '../client/manual-clock.ts'
import { clientOf, createUser } from '../client/support.ts'

function fakeOf({ runId = 'run-1', ordinal = 0, seed = 7 } = {}): Fake {
  const { session } = createUser(clientOf('http://127.0.0.1:1'), { ordinal })
  session.random = random(seed)
  return createFake(session, { runId, clock: new ManualClock() })
}

const MAKERS = ['orderCreated', 'orderUpdated', 'inventoryUpdated', 'priceChanged', 'telemetryReading'] as const

describe.each(MAKERS)('%s', make => {
  test('makes data that follows the contract', () => {
    const fake = fakeOf()
    const envelope = checker(EventEnvelope)
    for (let round = 0; round < 200; round += 1) {
      const event = fake[make]()
      expect(envelope.errors(event)).toEqual([])
      expect(checker(eventData[event.event_type as keyof typeof eventData]).errors(event.data)).toEqual([])
    }
  })

  test('makes the same data from the same seed, under ids never used before', () => {
    const [one, again, other] = [fakeOf(), fakeOf({ runId: 'run-2' }), fakeOf({ seed: 8 })]
    const draw = (fake: Fake) => Array.from({ length: 20 }, () => fake[make]())
    const [first, second, third] = [draw(one), draw(again), draw(other)]
    expect(second.map(({ data }) => data)).toEqual(first.map(({ data }) => data))
    expect(third.map(({ data }) => data)).not.toEqual(first.map(({ data }) => data))
    expect(new Set([...first, ...second].map(({ event_id }) => event_id)).size).toBe(40)
  })
})

test('an event with custom data carries its time, and its key if it has one', () => {
  const fake = fakeOf({ ordinal: 3 })
  expect(fake.event('door.opened', { door: 5 }, 'house-1')).toEqual({
    event_type: 'door.opened',
    event_id: 'evt-run-1-3-0',
    source: 'shopper-3',
    timestamp: 1_700_000_000_000,
    partition_key: 'house-1',
    data: { door: 5 },
  })
  expect(fake.event('door.opened', {})).not.toHaveProperty('partition_key')
  expect(streamOf('door.opened')).toBe('door')
})

test('ids differ by run, user and call', () => {
  const ids = ['run-1', 'run-2'].flatMap(runId =>
    [0, 1].flatMap(ordinal => {
      const fake = fakeOf({ runId, ordinal })
      return [fake.id('key'), fake.id('key'), fake.id()]
    }),
  )
  expect(new Set(ids).size).toBe(12)
})
