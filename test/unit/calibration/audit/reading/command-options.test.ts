import { describe, expect, it } from 'vitest'
import {
  argsWith,
  hasOption,
  optionValue,
  withDuration,
} from '../../../../../calibration/audit/reading/command-options.ts'

describe('hasOption', () => {
  it.each([[['-o']], [['-o', 'x']], [['-o=x']], [['-ox']], [['--output']], [['--output=x']]])(
    'finds it in %j',
    args => {
      expect(hasOption(args, ['-o', '--output'])).toBe(true)
    },
  )

  it.each([[[]], [['o']], [['--o']], [['--output-format']], [['x', '-p', 'y']]])('does not find it in %j', args => {
    expect(hasOption(args, ['-o', '--output'])).toBe(false)
  })
})

describe('options of Go', () => {
  it('are told apart by whole words', () => {
    const args = ['-cpus', '2', '-allow-initial-errors']
    expect({ c: optionValue(args, ['-c'], 'words'), a: hasOption(args, ['-a'], 'words') }).toEqual({
      c: undefined,
      a: false,
    })
    expect(optionValue(['-c', '5', '-cpus=2'], ['-c'], 'words')).toBe('5')
  })
})

describe('optionValue', () => {
  it.each([[['-o', 'x']], [['-o=x']], [['-ox']], [['--output', 'x']], [['--output=x']], [['-o', 'y', '-o', 'x']]])(
    'returns x of %j',
    args => {
      expect(optionValue(args, ['-o', '--output'])).toBe('x')
    },
  )

  it.each([[[]], [['-o']], [['--output-format', 'x']]])('returns nothing of %j', args => {
    expect(optionValue(args, ['-o', '--output'])).toBeUndefined()
  })
})

describe('argsWith', () => {
  it('puts options first when the program is the tool', () => {
    expect(argsWith({ program: '/usr/bin/ab', args: ['-n', '1'] }, ['ab'], ['-e', 'x'])).toEqual(['-e', 'x', '-n', '1'])
  })

  it('puts options behind the name of the tool when a launcher starts it', () => {
    expect(argsWith({ program: 'nice', args: ['ab', '-n', '1'] }, ['ab'], ['-e'])).toEqual(['ab', '-e', '-n', '1'])
  })

  it('leaves a command alone in which the tool is hidden', () => {
    expect(argsWith({ program: 'sh', args: ['-c', 'ab -n 1'] }, ['ab'], ['-e'])).toEqual(['-c', 'ab -n 1'])
  })
})

describe('withDuration', () => {
  const names = ['-t', '--time']

  it.each([
    [
      ['-t', '1m'],
      ['-t', '10s'],
    ],
    [
      ['-t1m', 'a'],
      ['-t10s', 'a'],
    ],
    [['--time=1m'], ['--time=10s']],
    [
      ['--time', '1m', '-u', '5'],
      ['--time', '10s', '-u', '5'],
    ],
  ])('makes %j to %j', (args, shortened) => {
    expect(withDuration(args, { names }, 10_000)).toEqual(shortened)
  })

  it('writes the duration as the tool reads it, and at least a second', () => {
    expect(withDuration(['-t', '60'], { names, written: String }, 200)).toEqual(['-t', '1'])
  })

  it('is added only to commands that may have it', () => {
    expect(withDuration(['a'], { names }, 10_000)).toBeUndefined()
    expect(withDuration(['a'], { names, mayBeAdded: true }, 10_000)).toEqual(['a', '-t', '10s'])
  })
})
