import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AnswerReader } from '../../../../../harness/client/llm/answer-reader.ts'

const data = (payload: unknown) => `data: ${JSON.stringify(payload)}\n\n`
const chunk = (content: string, index = 0) => data({ choices: [{ index, delta: { content }, finish_reason: null }] })
const finish = (reason: string, index = 0) => data({ choices: [{ index, delta: {}, finish_reason: reason }] })
const DONE = 'data: [DONE]\n\n'

/** Reads pieces of a stream that come 10 ms apart, from 100 ms on. */
function read(pieces: readonly string[], keepsText = true) {
  const gaps: number[] = []
  const reader = new AnswerReader(keepsText, gapMs => gaps.push(gapMs))
  pieces.forEach((piece, index) => reader.feed(piece, 100 + 10 * index))
  reader.end()
  return { reader, gaps }
}

describe('AnswerReader', () => {
  it('times the tokens of a chat, and takes its tokens from the usage', () => {
    const role = data({ choices: [{ index: 0, delta: { role: 'assistant', content: '' } }] })
    const usage = data({ choices: [], usage: { prompt_tokens: 9, completion_tokens: 3 } })
    const { reader, gaps } = read([role, chunk('a'), chunk(' b'), chunk(' c'), finish('stop'), usage, DONE])
    expect(reader).toMatchObject({ firstTokenAt: 110, lastTokenAt: 130, text: 'a b c', finishReason: 'stop', parts: 3 })
    expect(reader).toMatchObject({ usage: { prompt: 9, completion: 3 }, choices: 1, flaw: undefined })
    expect(gaps).toEqual([10, 10])
  })

  it('counts the parts of a stream without usage, and accepts one without [DONE] once every choice has ended', () => {
    const { reader } = read([chunk('a'), chunk(' b'), finish('length')])
    expect(reader).toMatchObject({ parts: 2, usage: undefined, flaw: undefined, finishReason: 'length' })
  })

  it('keeps choices apart', () => {
    const { reader, gaps } = read([chunk('a', 0), chunk('x', 1), chunk('b', 0), chunk('y', 1), DONE])
    expect([reader.choices, reader.text, gaps]).toEqual([2, 'ab', [20, 20]])
  })

  it('keeps no text unless it is asked to', () => {
    expect(read([chunk('a'), DONE], false).reader.text).toBe('')
  })

  it('counts thoughts and the arguments of calls as tokens', () => {
    const thought = data({ choices: [{ index: 0, delta: { reasoning_content: 'hm' } }] })
    const call = (called: object, id?: string) =>
      data({ choices: [{ index: 0, delta: { tool_calls: [{ index: 0, id, function: called }] } }] })
    const { reader } = read([
      thought,
      call({ name: 'weather', arguments: '' }, 'call_1'),
      call({ arguments: '{"a"' }),
      call({ arguments: ':1}' }),
      finish('tool_calls'),
      DONE,
    ])
    expect(reader.parts).toBe(3)
    expect(reader.calls).toEqual([{ id: 'call_1', name: 'weather', arguments: '{"a":1}' }])
  })

  it('reads the typed events of a response', () => {
    const event = (type: string, members: object) => `event: ${type}\n${data({ type, ...members })}`
    const { reader, gaps } = read([
      event('response.created', { response: {} }),
      event('response.output_item.added', { item: { type: 'message' } }),
      event('response.output_text.delta', { delta: 'one' }),
      event('response.output_text.delta', { delta: ' two' }),
      event('response.completed', { response: { usage: { input_tokens: 4, output_tokens: 2 } } }),
    ])
    expect(reader).toMatchObject({ text: 'one two', parts: 2, usage: { prompt: 4, completion: 2 }, flaw: undefined })
    expect([reader.firstTokenAt, gaps]).toEqual([120, [10]])
  })

  it.each([
    [
      'an error in a chat',
      [chunk('a'), data({ error: { message: 'out of memory', code: 'server_error' } })],
      'server_error: out of memory',
    ],
    [
      'a failed response',
      [data({ type: 'response.failed', response: { error: { code: 'x', message: 'y' } } })],
      'x: y',
    ],
    ['an error event', [data({ type: 'error', message: 'no more', code: null })], 'error: no more'],
    ['a stream that ends early', [chunk('a')], 'the stream ended before the answer was complete'],
    ['a stream of nothing', [], 'the stream ended before the answer was complete'],
    ['data that is not JSON', ['data: {oh\n\n'], 'expected JSON in the stream, got {oh'],
  ])('finds the flaw in %s', (_what, pieces, flaw) => {
    expect(read(pieces).reader.flaw).toBe(flaw)
  })

  it('reads whole answers of both APIs', () => {
    const chat = new AnswerReader(false, () => {})
    const message = { content: 'hi', tool_calls: [{ id: 'c', function: { name: 'f', arguments: '{}' } }] }
    chat.whole({
      choices: [{ index: 0, message, finish_reason: 'stop' }],
      usage: { prompt_tokens: 1, completion_tokens: 2 },
    })
    expect(chat).toMatchObject({ text: 'hi', finishReason: 'stop', usage: { prompt: 1, completion: 2 }, parts: 0 })
    expect(chat.calls).toEqual([{ id: 'c', name: 'f', arguments: '{}' }])
    const response = new AnswerReader(false, () => {})
    response.whole({
      object: 'response',
      output: [{ type: 'message', content: [{ text: 'hello' }] }],
      incomplete_details: { reason: 'max_output_tokens' },
      usage: { input_tokens: 1, output_tokens: 2 },
    })
    expect(response).toMatchObject({ text: 'hello', finishReason: 'max_output_tokens' })
  })

  it('throws for nothing that a server may send', () => {
    const anything = fc.oneof(fc.jsonValue(), fc.record({ choices: fc.jsonValue(), usage: fc.jsonValue() }))
    const choice = fc.record({ index: fc.jsonValue(), delta: fc.jsonValue(), message: fc.jsonValue() })
    const chunks = fc.array(fc.oneof(anything, fc.record({ choices: fc.array(choice) })))
    fc.assert(
      fc.property(chunks, payloads => {
        read(payloads.map(data))
        new AnswerReader(true, () => {}).whole(payloads[0])
      }),
      { seed: 3 },
    )
  })

  it('finds the same in a stream however it is cut into pieces', () => {
    const stream = chunk('grün') + chunk(' 東京') + finish('stop') + DONE
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: stream.length })), cuts => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), stream.length]
        const pieces = at.slice(1).map((end, index) => stream.slice(at[index], end))
        expect(read(pieces).reader).toMatchObject({ text: 'grün 東京', parts: 2, flaw: undefined })
      }),
      { seed: 4 },
    )
  })
})
