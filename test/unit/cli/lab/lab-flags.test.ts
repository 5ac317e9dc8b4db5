import { describe, expect, it } from 'vitest'
import { labNamed, wantsPage } from '../../../../cli/lab/lab-flags.ts'

const none = { predict: {}, set: {}, seed: 1 }
const terminal = { isTerminal: true, isPipeline: false }
const pipe = { isTerminal: false, isPipeline: false }

describe('a lab is a page', () => {
  it.each([
    ['for a person at a terminal', 'little', none, terminal, true],
    ['with other settings', 'little', { ...none, set: { rate: '80' } }, terminal, true],
    ['where it is asked for', 'little', { ...none, ui: true }, pipe, true],
    ['as the list of all labs', undefined, { ...none, ui: true }, pipe, true],
    ['not in a pipe', 'little', none, pipe, false],
    ['not in CI', 'little', none, { isTerminal: true, isPipeline: true }, false],
    ['not if the command has a prediction', 'little', { ...none, predict: { present: '10' } }, terminal, false],
    ['not if the command has the answer', 'little', { ...none, answer: 2 }, terminal, false],
    ['not if it is refused', 'little', { ...none, ui: false }, terminal, false],
    ['not without a lab, unless it is asked for', undefined, none, terminal, false],
  ] as const)('%s', (_, name, flags, facts, expected) => {
    expect(wantsPage(name, flags, facts)).toBe(expected)
  })

  it.each([
    [{ ...none, ui: true, answer: 1 }, 'little', '--predict and --answer are for the terminal'],
    [{ ...none, port: 8080 }, 'little', '--port is for the page'],
    [{ ...none, ui: true, file: 'ada.json' }, undefined, '--predict, --set, --answer and --file are for one lab'],
  ])('unless its flags contradict each other: %j', (flags, name, message) => {
    expect(() => wantsPage(name, flags, pipe)).toThrow(message)
  })
})

describe('the name of a lab', () => {
  it('may be its number in the course', () => {
    expect(labNamed('2').name).toBe('little')
  })

  it('is guessed if it is misspelt', () => {
    expect(() => labNamed('litle')).toThrow('did you mean little?')
  })
})
