import { connect } from 'node:net'
import OpenAI, { type APIError } from 'openai'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { LedgerReport } from '../../../contract/ledger.ts'
import type { LlmAccount } from '../../../contract/llm/ledger.ts'
import { testTarget } from './support.ts'

const quick = {
  'llm.enabled': 'true',
  'llm.stepBase': '1ms',
  'llm.stepPerSequence': '0ms',
  'llm.prefillPerToken': '0ms',
}
const target = await testTarget(quick)
const other = await testTarget({
  ...quick,
  'auth.mode': 'strict',
  'llm.failureRate': '1',
  'llm.requestsPerMinute': '3',
})
const slow = await testTarget({
  ...quick,
  'llm.stepBase': '5ms',
  'llm.maxBatch': '2',
  'llm.queue': '1',
  'llm.mostCompletionTokens': '4000',
  'llm.contextTokens': '1000000',
  'llm.kvTokens': '1000000',
})

const model = 'loadcell-1'
const messages = [{ role: 'user' as const, content: 'Hello there' }]
const tools = [
  {
    type: 'function',
    function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
  },
] as const

function client(url: string, run: string, apiKey = 'sk-loadcell-tester'): OpenAI {
  return new OpenAI({ apiKey, baseURL: `${url}/v1`, maxRetries: 0, defaultHeaders: { 'x-loadcell-run': run } })
}

async function account(from: typeof target, run: string): Promise<LlmAccount> {
  const { llm } = await from.settledLedger(run)
  if (llm === undefined) throw new Error('expected an account of language models')
  return llm
}

describe('a chat as the OpenAI client asks for it', () => {
  it('is streamed token by token, and ends with its usage, which is what the ledger counts', async () => {
    const openai = client(target.url, 'streamed')
    const stream = await openai.chat.completions.create({
      model,
      messages,
      stream: true,
      max_completion_tokens: 12,
      stream_options: { include_usage: true },
    })
    const texts: string[] = []
    let usage: OpenAI.CompletionUsage | null | undefined
    let finish: string | null | undefined
    for await (const chunk of stream) {
      const text = chunk.choices[0]?.delta.content
      if (text) texts.push(text)
      finish = chunk.choices[0]?.finish_reason ?? finish
      usage = chunk.usage ?? usage
    }
    expect([texts.length, finish]).toEqual([12, 'length'])
    expect(usage).toMatchObject({ prompt_tokens: 8, completion_tokens: 12, total_tokens: 20 })
    expect(await account(target, 'streamed')).toMatchObject({
      requests: 1,
      streams: 1,
      completed: 1,
      cut: 0,
      open: 0,
      promptTokens: { read: 8, completed: 8 },
      completionTokens: { generated: 12, sent: 12, unsent: 0, completed: 12 },
    })
  })

  it('has the same text in one piece as in a stream under the same key, and as many choices as asked for', async () => {
    const openai = client(target.url, 'pieces')
    const keyed = { headers: { 'x-loadcell-exchange': 'a-key' } }
    const body = { model, messages, max_tokens: 9, n: 2 }
    const whole = await openai.chat.completions.create(body, keyed)
    const streamed = await openai.chat.completions.stream(body, keyed).finalChatCompletion()
    const textsOf = (completion: OpenAI.ChatCompletion) => completion.choices.map(({ message }) => message.content)
    expect(textsOf(whole)).toHaveLength(2)
    expect(textsOf(streamed)).toEqual(textsOf(whole))
    expect(whole.usage?.completion_tokens).toBe(18)
    const { completionTokens } = await account(target, 'pieces')
    expect(completionTokens).toEqual({ generated: 36, sent: 36, unsent: 0, completed: 36 })
  })

  it('calls a tool, whose arguments come in pieces', async () => {
    const openai = client(target.url, 'tools')
    const completion = await openai.chat.completions
      .stream({ model, messages, tools: [...tools], tool_choice: 'required' })
      .finalChatCompletion()
    const [choice] = completion.choices
    const [call] = choice!.message.tool_calls!
    expect(choice!.finish_reason).toBe('tool_calls')
    expect(call).toMatchObject({ type: 'function', function: { name: 'weather' } })
    expect(JSON.parse(call!.type === 'function' ? call!.function.arguments : '')).toEqual({ city: expect.any(String) })
  })

  it('ends before a stop text', async () => {
    const openai = client(target.url, 'stop')
    const keyed = { headers: { 'x-loadcell-exchange': 'stopping' } }
    const whole = await openai.chat.completions.create({ model, messages }, keyed)
    const text = whole.choices[0]!.message.content!
    const stop = text.slice(20, 26)
    const stopped = await openai.chat.completions.create({ model, messages, stop }, keyed)
    expect(stopped.choices[0]).toMatchObject({
      finish_reason: 'stop',
      message: { content: text.slice(0, text.indexOf(stop)) },
    })
  })
})

describe('language-model streams that are off', () => {
  it('are refused under the names of their operations, with the setting that switches them on', async () => {
    const off = await testTarget()
    const answer = await fetch(`${off.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    })
    expect([answer.status, await answer.json()]).toMatchObject([
      404,
      { detail: expect.stringContaining('llm.enabled') },
    ])
    expect((await fetch(`${off.url}/v1/models`)).status).toBe(404)
    const { operations } = await off.settledLedger()
    expect(operations.map(({ operation, statuses }) => [operation, statuses])).toEqual([
      ['llm.chat', { 404: 1 }],
      ['llm.models', { 404: 1 }],
    ])
  })
})

describe('a response as the OpenAI client asks for it', () => {
  it('is streamed in typed events, and has its usage', async () => {
    const openai = client(target.url, 'responses')
    const stream = openai.responses.stream({ model, input: 'Hello there', max_output_tokens: 6 })
    const types: string[] = []
    for await (const event of stream) types.push(event.type)
    const final = await stream.finalResponse()
    expect(types.filter(type => type === 'response.output_text.delta')).toHaveLength(6)
    expect([types[0], types.at(-1)]).toEqual(['response.created', 'response.incomplete'])
    expect(final).toMatchObject({
      status: 'incomplete',
      usage: { input_tokens: 8, output_tokens: 6, total_tokens: 14 },
    })
    expect(final.output_text.split(' ')).toHaveLength(6)
  })

  it('comes in one piece, with a call of a function if one is forced', async () => {
    const openai = client(target.url, 'responses')
    const { output } = await openai.responses.create({
      model,
      input: [{ role: 'user', content: 'Hello' }],
      tools: [{ ...tools[0].function, type: 'function', strict: false }],
      tool_choice: { type: 'function', name: 'weather' },
    })
    expect(output).toMatchObject([{ type: 'function_call', name: 'weather', status: 'completed' }])
  })
})

describe('a refusal', () => {
  const refused = (asked: Promise<unknown>) =>
    asked.then(
      () => expect.unreachable('it was answered'),
      (error: unknown) => error as APIError,
    )

  it('of an unknown model or a body that does not fit says so as the client expects it', async () => {
    const { chat, models } = client(target.url, 'refused')
    expect(await refused(chat.completions.create({ model: 'gpt', messages }))).toMatchObject({
      status: 404,
      code: 'unknown_model',
      param: 'model',
      type: 'invalid_request_error',
    })
    expect(await refused(chat.completions.create({ model, messages: [], n: 1000 }))).toMatchObject({
      status: 400,
      code: 'invalid_request',
      type: 'invalid_request_error',
    })
    expect(await refused(chat.completions.create({ model, messages, max_tokens: 500_000 }))).toMatchObject({
      status: 400,
      code: 'context_length_exceeded',
    })
    expect((await models.list()).data.map(({ id }) => id)).toEqual([model])
    expect(await refused(models.retrieve('gpt'))).toMatchObject({ status: 404, code: 'unknown_model' })
  })

  it('of a key in strict mode has the status that clients expect', async () => {
    const { chat } = client(other.url, 'strict')
    const error = await refused(chat.completions.create({ model, messages }))
    expect(error).toMatchObject({ status: 401, code: 'invalid_api_key', type: 'authentication_error' })
  })

  it('of a caller beyond its limit tells when to come back', async () => {
    const { chat } = client(other.url, 'limited', await other.token())
    const ask = () => refused(chat.completions.create({ model, messages }))
    for (let count = 0; count < 3; count++) expect((await ask()).status).toBe(500)
    const { status, code, headers } = await ask()
    expect([status, code]).toEqual([429, 'rate_limited'])
    expect(Number(headers!.get('retry-after'))).toBeGreaterThan(0)
    expect(headers!.get('x-ratelimit-limit-requests')).toBe('3')
    expect(headers!.get('x-ratelimit-remaining-requests')).toBe('0')
    const { llm, rateLimits } = await other.settledLedger('limited')
    expect([llm?.failed, rateLimits.limited]).toEqual([3, 1])
  })
})

describe('an injected fault', () => {
  it.each(['before_handler', 'after_handler'])('answers %s in the shape of the API, with its Retry-After', async at => {
    const rule = { id: 'overload', match: { client: at }, fault: { type: 'status', status: 429, retryAfter: '3s', at } }
    await fetch(`${target.controlUrl}/_loadcell/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(rule),
    })
    onTestFinished(() => void fetch(`${target.controlUrl}/_loadcell/faults/overload`, { method: 'DELETE' }))
    const { chat } = client(target.url, 'overload', `sk-loadcell-${at}`)
    const error = await chat.completions.create({ model, messages, stream: true }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ status: 429, type: 'rate_limit_error', code: 'injected_fault' })
    expect((error as APIError).headers!.get('retry-after')).toBe('3')
  })
})

describe('an answer that does not come to its end', () => {
  it('fails in the middle of a stream with an error that the client throws', async () => {
    // A caller of its own, with its own limit.
    const { chat } = client(other.url, 'failing', await other.token('consumer'))
    const stream = await chat.completions.create({ model, messages, stream: true })
    const read = async () => {
      for await (const _ of stream);
    }
    await expect(read()).rejects.toMatchObject({ message: expect.stringContaining('failed in the middle') })
    const { failed, completed, completionTokens } = await account(other, 'failing')
    expect([failed, completed, completionTokens.completed]).toEqual([1, 0, 0])
    expect(completionTokens.generated).toBe(completionTokens.sent + completionTokens.unsent)
  })

  it('frees its place in the batch when its client leaves', async () => {
    const { chat } = client(slow.url, 'left')
    const body = { model, messages, max_tokens: 4000, stream: true as const, ignore_eos: true }
    for (let count = 0; count < 3; count++) {
      const streams = await Promise.all([1, 2].map(() => chat.completions.create(body)))
      for (const stream of streams) stream.controller.abort()
      await expect.poll(async () => (await account(slow, 'left')).open).toBe(0)
    }
    const { requests, cut, refused } = await account(slow, 'left')
    expect({ requests, cut, refused }).toEqual({ requests: 6, cut: 6, refused: 0 })
  })

  it('is refused while the queue is full', async () => {
    const { chat } = client(slow.url, 'full')
    const body = { model, messages, max_tokens: 400, stream: true as const, ignore_eos: true }
    const asked = await Promise.allSettled(Array.from({ length: 6 }, () => chat.completions.create(body)))
    const statuses = asked
      .map(one => (one.status === 'fulfilled' ? 200 : (one.reason as APIError).status))
      .toSorted((a, b) => Number(a) - Number(b))
    expect(statuses).toEqual([200, 200, 200, 503, 503, 503])
    for (const one of asked) if (one.status === 'fulfilled') one.value.controller.abort()
    expect((await account(slow, 'full')).refused).toBe(3)
  })

  it('is cut when the client does not read, and holds up nobody else', async () => {
    const lazy = connect(target.port, '127.0.0.1')
    const body = JSON.stringify({ model, messages, n: 16, max_tokens: 4000, ignore_eos: true, stream: true })
    const head = ['x-loadcell-run: lazy', 'content-type: application/json', `content-length: ${body.length}`]
    lazy.write(`POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\n${head.join('\r\n')}\r\n\r\n${body}`)
    lazy.pause()
    lazy.on('error', () => {})
    onTestFinished(() => void lazy.destroy())
    const { chat } = client(target.url, 'lively')
    const settled = () => fetch(`${target.controlUrl}/_loadcell/ledger?run=lazy`).then(answer => answer.json())
    for (let slow = 0; slow === 0; ) {
      const answer = await chat.completions.create({ model, messages, max_tokens: 5 })
      expect(answer.usage?.completion_tokens).toBe(5)
      slow = ((await settled()) as LedgerReport).llm?.slowConsumers ?? 0
    }
    const { cut, slowConsumers, completionTokens } = await account(target, 'lazy')
    expect([cut, slowConsumers]).toEqual([1, 1])
    expect(completionTokens.generated).toBe(completionTokens.sent + completionTokens.unsent)
    expect(completionTokens.generated).toBeLessThan(16 * 4000)
  })
})

describe('hostile requests for completions', () => {
  const post = (body: string) =>
    fetch(`${target.url}/v1/chat/completions`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', 'x-loadcell-run': 'hostile' },
    })

  it.each([
    ['deep JSON', `{"model":"${model}","messages":${'['.repeat(5000)}${']'.repeat(5000)}}`, 400],
    ['a prompt over the limit of a body', JSON.stringify({ model, messages: 'x'.repeat(2_000_000) }), 413],
    [
      'a prompt over the context',
      JSON.stringify({ model, messages: [{ role: 'user', content: 'a b '.repeat(60_000) }] }),
      400,
    ],
    ['an absurd number of choices', JSON.stringify({ model, messages, n: 1e9 }), 400],
    ['an absurd number of tokens', JSON.stringify({ model, messages, max_tokens: 1e15 }), 400],
    ['negative tokens', JSON.stringify({ model, messages, max_tokens: -1 }), 400],
    ['no JSON', 'hello', 400],
    ['log probabilities', JSON.stringify({ model, messages, logprobs: true }), 400],
    ['JSON mode', JSON.stringify({ model, messages, response_format: { type: 'json_object' } }), 400],
    [
      'a tool that does not exist',
      JSON.stringify({ model, messages, tools, tool_choice: { type: 'function', function: { name: 'x' } } }),
      400,
    ],
  ])('with %s are refused in the shape of the API', async (what, body, status) => {
    const ofField = !/JSON$|body/.test(what)
    const answer = await post(body)
    expect(answer.status).toBe(status)
    expect(await answer.json()).toEqual({
      error: {
        message: expect.any(String),
        type: 'invalid_request_error',
        param: ofField ? expect.any(String) : null,
        code: expect.any(String),
      },
    })
  })
})
