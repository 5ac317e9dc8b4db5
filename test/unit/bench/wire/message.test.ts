import { expect, test } from 'vitest'
import { type BenchChatMessage, messageSource } from '../../../../bench/wire/message.ts'
import { ChatMessage as Schema, chatActions } from '../../../../contract/sockets/chat.ts'
import { checker } from '../../../../core/check.ts'

test('messages follow the contract, have 500 bytes, and have unique ids', () => {
  const next = messageSource()
  const [first, second] = [next(), next()].map(text => JSON.parse(text) as { message: BenchChatMessage })
  expect(checker(chatActions.publish).check(first)).toBe(true)
  expect(checker(Schema).check(first?.message)).toBe(true)
  expect(JSON.stringify(first?.message).length).toBe(500)
  expect(first?.message.id).not.toBe(second?.message.id)
})
