import { expect, it } from 'vitest'
import type { MessageContent } from '../../../../../target/gateways/stomp/message-encoder.ts'
import { AcknowledgementWindow } from '../../../../../target/gateways/stomp/unacknowledged.ts'
import { MemoryBudget } from '../../../../../target/memory/budget.ts'

function windowOf(...names: string[]) {
  const budget = new MemoryBudget(100_000)
  const window = new AcknowledgementWindow(budget.table('stomp'))
  for (const name of names)
    window.tryAdd(name, { content: { id: name, rest: 'x'.repeat(100) } as MessageContent, refusals: 0 })
  return { window, budget }
}

it('an individual acknowledgement takes one message, a cumulative one all before it too', () => {
  const { window } = windowOf('a', 'b', 'c', 'd')
  const ids = (name: string, isCumulative: boolean) => window.take(name, isCumulative).map(({ content }) => content.id)
  expect(ids('b', false)).toEqual(['b'])
  expect(ids('c', true)).toEqual(['a', 'c'])
  expect(ids('a', true)).toEqual([])
  expect([window.size, window.has('d')]).toEqual([1, true])
})

it('all memory is given back, and a spent budget takes no further message', () => {
  const { window, budget } = windowOf('a', 'b')
  expect(budget.usedBytes).toBeGreaterThan(1000)
  budget.limitBytes = budget.usedBytes
  expect(window.tryAdd('c', { content: { rest: '' } as MessageContent, refusals: 0 })).toBe(false)
  window.take('b', true)
  expect([window.size, budget.usedBytes]).toEqual([0, 0])
})
