import { expect, it } from 'vitest'
import { systemClock } from '../../../../../core/clock.ts'
import { loadConfiguration } from '../../../../../target/configuration/load.ts'
import { LiveSettings } from '../../../../../target/configuration/settings.ts'
import { DeliveredPlaces } from '../../../../../target/gateways/socketio/delivered-places.ts'
import { Recoveries } from '../../../../../target/gateways/socketio/recoveries.ts'
import { MemoryBudget } from '../../../../../target/memory/budget.ts'

function made(flags: Record<string, string> = {}, bytes = 1e9) {
  const clock = { ...systemClock, at: 0, now: () => clock.at }
  const settings = new LiveSettings(loadConfiguration({ env: {}, flags }))
  const memory = new MemoryBudget(bytes).table('socketio')
  return { clock, memory, recoveries: new Recoveries({ settings, clock, memory }) }
}

function state() {
  const places = new DeliveredPlaces(() => 10)
  places.begin('a', 0)
  places.sent({ kind: 'event', channel: 'a', sequence: 1 })
  return { tenant: 't', subject: 's', names: ['a'], places }
}

it('a state is recovered once, by its key and a known offset', () => {
  const { recoveries, memory } = made()
  recoveries.keep('key', 'sid', state())
  expect(memory.bytes).toBeGreaterThan(0)
  expect(recoveries.take('other', 'a@1')).toBeUndefined()
  expect(recoveries.take('key', 'a@9')).toBeUndefined()
  expect(recoveries.take('key', 'a@1')).toMatchObject({ sid: 'sid', state: { names: ['a'] } })
  expect(recoveries.take('key', 'a@1')).toBeUndefined()
  expect(memory.bytes).toBe(0)
})

it('states end with their time, and the oldest make room', () => {
  const { recoveries, clock, memory } = made({ 'socketio.recoveryTime': '1s', 'socketio.recoveries': '2' })
  for (const key of ['one', 'two', 'three']) recoveries.keep(key, key, state())
  expect([recoveries.size, recoveries.take('one', 'a@1')]).toEqual([2, undefined])
  clock.at = 1001
  expect(recoveries.take('two', 'a@1')).toBeUndefined()
  expect([recoveries.size, memory.bytes]).toEqual([0, 0])
})

it('nothing is kept without time, or without memory', () => {
  for (const { recoveries } of [made({ 'socketio.recoveryTime': '0' }), made({}, 100)]) {
    recoveries.keep('key', 'sid', state())
    expect(recoveries.size).toBe(0)
  }
})
