import { describe, expect, it } from 'vitest'
import { argsWith, hasOption, optionValue } from '../../../../../calibration/audit/reading/command-options.ts'

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
