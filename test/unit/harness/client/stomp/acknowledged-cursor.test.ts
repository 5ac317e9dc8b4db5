import { expect, it } from 'vitest'
import { AcknowledgedCursor } from '../../../../../harness/client/stomp/acknowledged-cursor.ts'

function received(...ids: string[]): AcknowledgedCursor {
  const cursor = new AcknowledgedCursor()
  for (const id of ids) cursor.received(id, `at-${id}`)
  return cursor
}

it('a subscription resumes before the first unacknowledged message', () => {
  const cursor = received('a', 'b', 'c')
  cursor.settled('c', false)
  expect(cursor.cursor).toBeUndefined()
  cursor.settled('a', false)
  expect(cursor.cursor).toBe('at-a')
  cursor.settled('b', false)
  expect(cursor.cursor).toBe('at-c')
})

it('a cumulative acknowledgement settles all earlier messages', () => {
  const cursor = received('a', 'b', 'c')
  cursor.settled('b', true)
  expect(cursor.cursor).toBe('at-b')
})

it('what was unacknowledged on a connection that broke is forgotten, and the cursor stays', () => {
  const cursor = received('a', 'b')
  cursor.settled('a', false)
  cursor.restarted()
  cursor.settled('b', false)
  expect(cursor.cursor).toBe('at-a')
})
