import { isObject } from '../../../core/check.ts'
import { shortened } from '../../../core/shortened.ts'
import type { LlmToolCall } from '../../scenario/llm.ts'
import { EventParser, type StreamMessage } from '../live/sse/event-parser.ts'
import {
  type ChatCallPayload,
  type ChatPayload,
  errorIn,
  objectsIn,
  type ResponsesPayload,
  textIn,
} from './payloads.ts'

/** Most choices whose tokens are told apart. */
const MOST_CHOICES = 128
/** Most calls whose arguments are kept. */
const MOST_CALLS = 128

/** Reads the answer of a language model as it comes, in the format of either API. */
export class AnswerReader {
  firstTokenAt: number | undefined
  lastTokenAt: number | undefined
  /** Number of events with a part of an answer. It stands for the tokens of a server that sends no usage. */
  parts = 0
  usage: { prompt: number; completion: number } | undefined
  /** The error that the server reported, or why its stream cannot be understood. */
  flaw: string | undefined
  finishReason: string | undefined
  text = ''
  readonly calls: LlmToolCall[] = []
  #keepsText: boolean
  readonly #onGap: (gapMs: number) => void
  readonly #parser: EventParser
  /** Choices that have begun, and when each got its last token. */
  readonly #choices = new Map<number, number>()
  readonly #ended = new Set<number>()
  #isDone = false
  #now = 0

  /** @param onGap called with the time between two tokens of a choice */
  constructor(keepsText: boolean, onGap: (gapMs: number) => void) {
    this.#keepsText = keepsText
    this.#onGap = onGap
    this.#parser = new EventParser(
      { message: message => this.#message(message), lastEventId: () => {}, retry: () => {} },
      '',
    )
  }

  /** Number of choices; at least 1. */
  get choices(): number {
    return Math.max(1, this.#choices.size)
  }

  /** Reads a part of a stream that came at this time. */
  feed(text: string, now: number): void {
    if (this.flaw !== undefined) return
    this.#now = now
    try {
      this.#parser.feed(text)
    } catch (error) {
      this.flaw = (error as Error).message
    }
  }

  /** Whether an answer in one piece was read. */
  get isRead(): boolean {
    return this.#isDone
  }

  /** Reads an answer in one piece, whose text is kept in any case. */
  whole(body: unknown): void {
    this.#isDone = true
    this.#keepsText = true
    if (!isObject(body)) return void (this.flaw = 'expected an object as the answer of a language model')
    const error = errorIn(body)
    if (error !== undefined) this.flaw = error
    else if (body['object'] === 'response') this.#response(body)
    else this.#chat(body)
  }

  /** Checks that a stream is complete. */
  end(): void {
    const hasEnded = this.#isDone || (this.#ended.size > 0 && this.#ended.size === this.#choices.size)
    if (!hasEnded) this.flaw ??= 'the stream ended before the answer was complete'
  }

  #message({ type, data }: StreamMessage): void {
    if (data === '[DONE]') return void (this.#isDone = true)
    let payload: unknown
    try {
      payload = JSON.parse(data)
    } catch {
      this.flaw ??= `expected JSON in the stream, got ${shortened(data, 100)}`
      return
    }
    if (!isObject(payload)) return
    const error = errorIn(payload)
    if (error !== undefined) this.flaw ??= error
    else if (typeof payload['type'] === 'string') this.#event(payload)
    else if (type === 'message') this.#chat(payload)
  }

  /** A chunk, or a whole answer, whose choices have a message in place of a delta. */
  #chat({ choices, usage }: ChatPayload): void {
    this.#takeUsage(usage?.prompt_tokens, usage?.completion_tokens)
    for (const { index = 0, delta, message, finish_reason: finish } of objectsIn(choices)) {
      const part = delta ?? message
      const text = textIn(part?.content)
      const calls = objectsIn(part?.tool_calls)
      if (index === 0) {
        this.#keep(text)
        for (const call of calls) this.#keepCall(call)
      }
      const isThought = textIn(part?.reasoning_content ?? part?.reasoning) !== ''
      const passes = calls.some(({ function: called }) => textIn(called?.arguments) !== '')
      if (delta !== undefined && (text !== '' || isThought || passes)) this.#token(index)
      if (typeof finish !== 'string') continue
      this.#begun(index)
      this.#ended.add(index)
      if (index === 0) this.finishReason = finish
    }
  }

  #event({ type = '', delta, item, response }: ResponsesPayload): void {
    if (type === 'response.output_item.added' && item?.type === 'function_call') {
      this.#addCall(item.call_id ?? item.id ?? '', item.name ?? '')
    } else if (type.endsWith('.delta') && typeof delta === 'string') {
      if (type === 'response.output_text.delta') this.#keep(delta)
      const last = this.calls.at(-1)
      if (type === 'response.function_call_arguments.delta' && this.#keepsText && last !== undefined)
        last.arguments += delta
      if (delta !== '') this.#token(0)
    } else if (type === 'response.completed' || type === 'response.incomplete') {
      this.#isDone = true
      const { usage, incomplete_details: details } = response ?? {}
      this.#takeUsage(usage?.input_tokens, usage?.output_tokens)
      this.finishReason = details?.reason ?? (this.calls.length > 0 ? 'tool_calls' : 'stop')
    }
  }

  #response({ output, usage, incomplete_details: details }: ResponsesPayload['response'] & object): void {
    this.#takeUsage(usage?.input_tokens, usage?.output_tokens)
    for (const item of objectsIn(output)) {
      for (const { text } of objectsIn(item.content)) this.#keep(textIn(text))
      if (item.type !== 'function_call') continue
      this.#addCall(item.call_id ?? '', item.name ?? '')
      const last = this.calls.at(-1)
      if (last !== undefined) last.arguments = textIn(item.arguments)
    }
    this.finishReason = details?.reason ?? (this.calls.length > 0 ? 'tool_calls' : 'stop')
  }

  #token(choice: number): void {
    this.parts += 1
    this.firstTokenAt ??= this.#now
    this.lastTokenAt = this.#now
    const before = this.#choices.get(choice)
    if (before !== undefined && before >= 0) this.#onGap(this.#now - before)
    if (before !== undefined || this.#choices.size < MOST_CHOICES) this.#choices.set(choice, this.#now)
  }

  /** Notes a choice that may have no token. */
  #begun(choice: number): void {
    if (!this.#choices.has(choice) && this.#choices.size < MOST_CHOICES) this.#choices.set(choice, -1)
  }

  #takeUsage(prompt: unknown, completion: unknown): void {
    if (isCount(prompt) && isCount(completion)) this.usage = { prompt, completion }
  }

  #keep(text: string): void {
    if (this.#keepsText) this.text += text
  }

  #addCall(id: string, name: string): void {
    if (this.#keepsText && this.calls.length < MOST_CALLS) this.calls.push({ id, name, arguments: '' })
  }

  #keepCall({ index, id, function: called }: ChatCallPayload): void {
    if (textIn(id) !== '') this.#addCall(textIn(id), textIn(called?.name))
    const kept = this.calls[index ?? this.calls.length - 1]
    if (kept !== undefined) kept.arguments += textIn(called?.arguments)
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
