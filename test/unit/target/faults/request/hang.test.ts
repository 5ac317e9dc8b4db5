import { expect, it } from 'vitest'
import { Lifecycle } from '../../../../../target/lifecycle/lifecycle.ts'
import type { FaultableExchange } from '../../../../../target/faults/request/faulted-exchange.ts'
import { Hanging } from '../../../../../target/faults/request/hang.ts'
import { faultable } from './support.ts'

it('an exchange that hangs is forgotten when its client leaves, and ends when the target stops', () => {
  const lifecycle = new Lifecycle()
  const hanging = new Hanging(lifecycle)
  const [left, stays] = [logged(), logged()]
  hanging.add(left.exchange)
  hanging.add(stays.exchange)
  expect(hanging.size).toBe(2)
  left.exchange.onGone!()
  expect(hanging.size).toBe(1)
  lifecycle.run('stop')
  expect(left.calls).toEqual(['discard'])
  expect(stays.calls).toEqual(['discard', 'close'])
})

it('an exchange that would hang in a target that stops ends at once', () => {
  const lifecycle = new Lifecycle()
  const hanging = new Hanging(lifecycle)
  lifecycle.run('stop')
  const { exchange, calls } = logged()
  hanging.add(exchange)
  expect(calls).toEqual(['discard', 'close'])
})

it('an exchange whose client has left does not hang', () => {
  const hanging = new Hanging(new Lifecycle())
  hanging.add(faultable({ isOpen: false }))
  expect(hanging.size).toBe(0)
})

function logged(): { exchange: FaultableExchange; calls: string[] } {
  const calls: string[] = []
  const exchange = faultable({ discardRequest: () => calls.push('discard'), close: () => calls.push('close') })
  return { exchange, calls }
}
