import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { questionerOf } from '../../../../cli/lab/questioner.ts'

function learner(isTTY: boolean) {
  const input = Object.assign(new PassThrough(), { isTTY }) as unknown as NodeJS.ReadStream
  const output = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY }) as unknown as NodeJS.WriteStream
  const stop = new AbortController()
  const questioner = questionerOf(input, output, stop.signal)
  const endsInput = () => void (input as unknown as PassThrough).end()
  const presses = (key: string) => void (input as unknown as PassThrough).write(key)
  const types = (line: string) => void (input as unknown as PassThrough).write(`${line}\n`)
  return {
    questioner,
    types,
    presses,
    endsInput,
    stop,
    shown: () => String((output as unknown as PassThrough).read() ?? ''),
  }
}

describe('a question', () => {
  it('for a number is repeated until it is one', async () => {
    const { questioner, types, shown } = learner(true)
    const answer = questioner.numbers('How many?', 'share', 1)
    types('lots')
    await new Promise(setImmediate)
    types('12 %')
    expect(await answer).toEqual(['12 %'])
    expect(shown()).toContain('Please write a number, in per cent')
    questioner.close()
  })

  it('for the points of a curve takes as many numbers as there are points', async () => {
    const { questioner, types, shown } = learner(true)
    const answer = questioner.numbers('How long at 50 %, 90 %?', 'ms', 2)
    types('20')
    await new Promise(setImmediate)
    types('20 100ms')
    expect(await answer).toEqual(['20', '100ms'])
    expect(shown()).toContain('Please write 2 numbers with spaces between them, in ms')
    questioner.close()
  })

  it('may be left open', async () => {
    const { questioner, types } = learner(true)
    const answer = questioner.numbers('How many?', 'count', 1)
    types('')
    expect(await answer).toBeUndefined()
    questioner.close()
  })

  it('for a choice takes only one of the options', async () => {
    const { questioner, types, shown } = learner(true)
    const answer = questioner.choose(3)
    types('4')
    await new Promise(setImmediate)
    types('2')
    expect(await answer).toBe(2)
    expect(shown()).toContain('from 1 to 3')
    questioner.close()
  })

  it('is not asked where there is no terminal', async () => {
    const { questioner, shown } = learner(false)
    expect(await questioner.text('Really?')).toBeUndefined()
    expect(await questioner.choose(2)).toBeUndefined()
    expect(shown()).toBe('')
  })

  it('is left open, like all after it, when the input ends', async () => {
    const { questioner, endsInput } = learner(true)
    const answer = questioner.numbers('How many?', 'count', 1)
    endsInput()
    expect(await answer).toBeUndefined()
    expect(await questioner.text('Really?')).toBeUndefined()
    expect(await questioner.choose(3)).toBeUndefined()
    questioner.close()
  })

  it('is left open by Ctrl-D', async () => {
    const { questioner, presses } = learner(true)
    const answer = questioner.numbers('How many?', 'count', 1)
    presses('\u0004')
    expect(await answer).toBeUndefined()
    questioner.close()
  })

  it('ends with the reason of an interrupt', async () => {
    const { questioner, stop } = learner(true)
    const answer = questioner.text('Really?')
    stop.abort(new Error('interrupted'))
    await expect(answer).rejects.toThrow(/abort|interrupted/i)
    questioner.close()
  })
})
