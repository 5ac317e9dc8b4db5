import type { ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { serve } from '../support.ts'

const chunk = (content: string) => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`
const END = `data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })}\n\ndata: [DONE]\n\n`
const USAGE = `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 5, completion_tokens: 2 } })}\n\n`

const stream = (response: ServerResponse, ...pieces: string[]) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.end(pieces.join(''))
}
const asked = { model: 'm', messages: 'Hello' }
const patient = { goodput: { ttft: '1m', tpot: '1m' } } as const

describe('LlmClient', () => {
  it('asks for a stream with its usage, and records its tokens and times', async () => {
    let body = ''
    const { llm, recorder } = await serve(async (request, response) => {
      body = await text(request)
      stream(response, chunk('one'), chunk(' two'), USAGE, END)
    })
    const answer = await llm.chat({ ...asked, maxTokens: 7, keepText: true, body: { temperature: 0 }, ...patient })
    expect(JSON.parse(body)).toEqual({
      model: 'm',
      messages: [{ role: 'user', content: 'Hello' }],
      max_completion_tokens: 7,
      stream: true,
      stream_options: { include_usage: true },
      temperature: 0,
    })
    expect(answer).toMatchObject({
      ok: true,
      text: 'one two',
      finishReason: 'stop',
      promptTokens: 5,
      completionTokens: 2,
    })
    expect(recorder.sum('llm_requests')).toBe(1)
    expect([recorder.sum('llm_prompt_tokens'), recorder.sum('llm_completion_tokens')]).toEqual([5, 2])
    expect(recorder.of('llm_time_to_first_token')).toMatchObject([{ tags: { name: '/v1/chat/completions' } }])
    expect(recorder.of('llm_inter_token_latency')).toHaveLength(1)
    expect(recorder.of('llm_goodput').map(({ value }) => value)).toEqual([1])
    expect(recorder.of('llm_time_to_first_token')[0]!.value).toBe(answer.ttftMs)
  })

  it('measures the first token from when the request was due, and once more from when it was sent', async () => {
    const { llm, recorder, session } = await serve((_request, response) => stream(response, chunk('a'), END))
    session.dueAt = session.clock.now() - 5000
    const answer = await llm.chat({ ...asked, goodput: { ttft: '5s' } })
    expect(answer.ttftMs).toBeGreaterThanOrEqual(5000)
    const [service] = recorder.of('llm_first_token_service_time')
    expect(service!.value).toBeLessThan(answer.ttftMs! - 4900)
    expect(
      recorder.of('llm_goodput').map(({ value }) => value),
      'too late for the user',
    ).toEqual([0])
  })

  it('counts an error inside a stream of status 200 as a failure, and its tokens not at all', async () => {
    const error = `data: ${JSON.stringify({ error: { message: 'lost', code: 'server_error' } })}\n\n`
    const { llm, recorder } = await serve((_request, response) => stream(response, chunk('one'), error))
    const answer = await llm.chat({ ...asked, ...patient })
    expect(answer).toMatchObject({ ok: false, status: 200, failure: 'llm_error' })
    expect(recorder.requests[0]?.failure).toEqual({ reason: 'llm_error', example: 'server_error: lost' })
    expect([recorder.sum('llm_requests'), recorder.sum('llm_completion_tokens')]).toEqual([1, 0])
    expect(recorder.of('llm_goodput').map(({ value }) => value)).toEqual([0])
  })

  it('counts a stream that stops in the middle as a failure', async () => {
    const { llm } = await serve((_request, response) => stream(response, chunk('one')))
    expect(await llm.chat(asked)).toMatchObject({ ok: false, status: 200, failure: 'llm_error' })
  })

  it('reads an answer without a stream, which has no time to its first token and does not count for goodput', async () => {
    const { llm, recorder } = await serve((_request, response) => {
      const output = [{ type: 'message', content: [{ type: 'output_text', text: 'hi' }] }]
      response.end(JSON.stringify({ object: 'response', output, usage: { input_tokens: 3, output_tokens: 1 } }))
    })
    const answer = await llm.respond({ model: 'm', input: 'Hello', stream: false, ...patient })
    expect(answer).toMatchObject({ ok: true, text: 'hi', promptTokens: 3, completionTokens: 1, ttftMs: undefined })
    expect(recorder.of('llm_goodput')).toEqual([])
    expect(answer.response.json('/output/0/content/0/text')).toBe('hi')
  })

  it('repeats a request as its retry policy says, and measures each attempt', async () => {
    let attempts = 0
    const { llm, recorder } = await serve((_request, response) => {
      attempts += 1
      if (attempts > 1) return stream(response, chunk('one'), USAGE, END)
      response.writeHead(429, { 'retry-after': '0' })
      response.end('{"error":{"message":"slow down"}}')
    })
    const answer = await llm.chat({ ...asked, retry: { attempts: 3, backoff: '1ms' }, ...patient })
    expect(answer).toMatchObject({ ok: true, status: 200 })
    expect(recorder.sum('llm_requests')).toBe(2)
    expect(recorder.of('llm_goodput').map(({ value }) => value)).toEqual([0, 1])
    expect(recorder.sum('llm_completion_tokens')).toBe(2)
  })

  it('passes on a refusal with its status, and a status that is expected is none', async () => {
    const { llm } = await serve((_request, response) => {
      response.writeHead(400, { 'content-type': 'application/json' })
      response.end('{"error":{"message":"no such model"}}')
    })
    const answer = await llm.chat(asked)
    expect(answer).toMatchObject({ ok: false, status: 400, failure: 'status', completionTokens: 0 })
    expect(answer.response.json('/error/message')).toBe('no such model')
    expect(await llm.chat({ ...asked, expect: 400 })).toMatchObject({ ok: true, status: 400 })
  })

  it('counts a page in place of an answer as a failure', async () => {
    const { llm } = await serve((_request, response) => response.end('<!doctype html><p>Welcome</p>'))
    expect(await llm.chat(asked)).toMatchObject({ ok: false, status: 200, failure: 'llm_error' })
  })
})
