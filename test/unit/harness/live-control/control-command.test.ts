import { describe, expect, it } from 'vitest'
import { readCommand, writtenCommand } from '../../../../harness/live-control/control-command.ts'

describe('readCommand', () => {
  it.each([
    { kind: 'pause' },
    { kind: 'resume', load: 'sale' },
    { kind: 'scale', users: 0 },
    { kind: 'scale', load: 'sale', rate: 12.5 },
    { kind: 'stop' },
  ])('reads what writtenCommand writes: %j', written => {
    expect(writtenCommand(readCommand(written))).toEqual(written)
  })

  it.each([
    [{ kind: 'hold' }, 'kind: expected'],
    [{ kind: 'scale', factor: -1 }, 'factor: expected'],
    [{ kind: 'scale', users: 1.5 }, 'users: expected'],
    [{ kind: 'pause', when: 3 }, 'when: expected'],
    ['pause', 'the command: expected'],
    [{ kind: 'scale' }, 'expected one of users, rate and factor, got none'],
    [{ kind: 'scale', users: 1, factor: 2 }, 'expected one of users, rate and factor, got 2'],
    [{ kind: 'pause', factor: 2 }, 'users, rate and factor are for scale, and not for pause'],
    [{ kind: 'stop', load: 'sale' }, 'stop ends the whole run, and takes no load'],
  ])('says what is wrong with %j', (value, message) => {
    expect(() => readCommand(value)).toThrow(message)
  })
})
