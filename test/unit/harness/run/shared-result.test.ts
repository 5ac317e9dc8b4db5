import { createConnection } from 'node:net'
import { describe, expect, it } from 'vitest'
import { frozenCopy } from '../../../../harness/run/shared-result.ts'

const loop: Record<string, unknown> = {}
loop['self'] = { loop }
const socket = createConnection({ port: 1, host: '127.0.0.1' }).on('error', () => {})
socket.destroy()

describe('frozenCopy', () => {
  it.each([undefined, null, 0, 'text', true, [], {}, { a: [{ b: null }] }, Object.create(null)])('copies %j', value => {
    expect(frozenCopy(value)).toEqual(value)
  })

  it('freezes every level, and copies, so that a later change of the original reaches nobody', () => {
    const original = { users: [{ ids: [1] }] }
    const copy = frozenCopy(original) as typeof original
    original.users[0]!.ids.push(2)
    expect(copy).toEqual({ users: [{ ids: [1] }] })
    expect([copy, copy.users, copy.users[0], copy.users[0]!.ids].map(value => Object.isFrozen(value))).toEqual([
      true,
      true,
      true,
      true,
    ])
  })

  it('leaves out fields without a value', () => {
    expect(frozenCopy({ a: undefined, b: 1 })).toEqual({ b: 1 })
  })

  it.each([
    [
      { users: [{ send: () => 1 }] },
      'result.users[0].send: expected JSON, which workers can share, got a function; users can call functions of the file directly',
    ],
    [
      { at: new Date(0) },
      'result.at: expected JSON, which workers can share, got an instance of Date; give its toISOString() or getTime()',
    ],
    [
      { 'a b': new Map() },
      'result["a b"]: expected JSON, which workers can share, got an instance of Map; give Object.fromEntries(map)',
    ],
    [socket, 'result: expected JSON, which workers can share, got an instance of Socket; return the data in it'],
    [Promise.resolve(), 'result: expected JSON, which workers can share, got an instance of Promise; await it'],
    [[Number.NaN], 'result[0]: expected JSON, which workers can share, got the number NaN; give null or text instead'],
    [[undefined], 'result[0]: expected JSON, which workers can share, got nothing in a list; give null instead'],
    [{ n: 1n }, 'result.n: expected JSON, which workers can share, got a bigint; give text or a number instead'],
    [loop, 'result.self.loop: expected JSON, which workers can share, got an object that contains it; leave it out'],
  ])('refuses %o, and names the place', (value, message) => {
    expect(() => frozenCopy(value)).toThrow(message)
  })

  it('refuses a value that is too deep', () => {
    let deep: unknown = 1
    for (let level = 0; level < 200; level++) deep = [deep]
    expect(() => frozenCopy(deep)).toThrow('levels deep; make it flatter')
  })

  it('refuses a value that is too large', () => {
    expect(() => frozenCopy('x'.repeat(17 * 1024 * 1024))).toThrow('read large data from a file in each user')
  })
})
