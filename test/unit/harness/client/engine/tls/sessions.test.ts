import { expect, test } from 'vitest'
import { Sessions } from '../../../../../../harness/client/engine/tls/sessions.ts'

const session = (name: string) => Buffer.from(name)

test('a session is taken once, by its own server, the newest first', () => {
  const sessions = new Sessions()
  sessions.give('a', session('1'))
  sessions.give('a', session('2'))
  expect(sessions.take('b')).toBeUndefined()
  expect(String(sessions.take('a'))).toBe('2')
  expect(String(sessions.take('a'))).toBe('1')
  expect(sessions.take('a')).toBeUndefined()
})

test('sessions of all servers together are bounded, and those that are taken make room', () => {
  const sessions = new Sessions()
  for (let given = 0; given < 5000; given++) sessions.give(String(given % 10), session('x'))
  const left = () => {
    let count = 0
    for (let server = 0; server < 10; server++) while (sessions.take(String(server)) !== undefined) count += 1
    return count
  }
  expect(left()).toBe(4096)
  sessions.give('a', session('y'))
  expect(String(sessions.take('a'))).toBe('y')
})
