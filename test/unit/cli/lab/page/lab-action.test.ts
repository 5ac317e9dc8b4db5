import { describe, expect, it } from 'vitest'
import { readLabAction } from '../../../../../cli/lab/page/lab-action.ts'

describe('an action of the page', () => {
  it('is read as it was written', () => {
    const run = { type: 'run', settings: { rate: '40' }, predictions: { present: '10' } }
    expect(readLabAction(JSON.stringify(run))).toEqual(run)
    expect(readLabAction('{"type":"answer","option":2}')).toEqual({ type: 'answer', option: 2 })
    expect(readLabAction('{"type":"stop"}')).toEqual({ type: 'stop' })
  })

  it.each([
    ['{', 'expected an action as JSON'],
    ['null', 'the action: expected'],
    ['{"type":"dance"}', 'type: expected'],
    ['{"type":"answer","option":0}', 'option: expected'],
    ['{"type":"rename","learner":""}', 'learner: expected'],
    ['{"type":"run","settings":{"rate":40},"predictions":{}}', 'settings.rate: expected a string, got 40'],
    [JSON.stringify({ type: 'change', settings: { rate: '4'.repeat(101) } }), 'settings.rate: expected'],
  ])('is refused if it is %s', (text, message) => {
    expect(() => readLabAction(text)).toThrow(message)
  })
})
