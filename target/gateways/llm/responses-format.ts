import { type AnswerFacts, type AnswerFormat, completionTokensOf } from './answer-format.ts'
import type { PlannedChoice } from './planned-completion.ts'

type Status = 'in_progress' | 'completed' | 'incomplete' | 'failed'

/** `POST /v1/responses`: typed events with a sequence number. */
export class ResponsesFormat implements AnswerFormat {
  readonly #facts: AnswerFacts
  readonly #choice: PlannedChoice
  readonly #itemId: string
  #sequence = 0

  constructor(facts: AnswerFacts) {
    const [choice] = facts.choices
    this.#facts = facts
    this.#choice = choice!
    this.#itemId = `${choice!.call === undefined ? 'msg' : 'fc'}_${facts.id.slice(facts.id.indexOf('_') + 1)}`
  }

  opening(): string {
    const response = this.#response('in_progress', [])
    return this.#event('response.created', { response }) + this.#event('response.in_progress', { response })
  }

  token(_choice: number, ordinal: number): string {
    const { texts, call } = this.#choice
    const first = ordinal === 0 ? this.#firstEvents() : ''
    const place = { item_id: this.#itemId, output_index: 0 }
    const delta = texts[ordinal]!
    const event =
      call === undefined
        ? this.#event('response.output_text.delta', { ...place, content_index: 0, delta })
        : this.#event('response.function_call_arguments.delta', { ...place, delta })
    return first + event
  }

  ending(): string {
    const { texts, call } = this.#choice
    const place = { item_id: this.#itemId, output_index: 0 }
    const text = texts.join('')
    const item = this.#item(this.#status, text)
    const ended =
      call === undefined
        ? this.#event('response.output_text.done', { ...place, content_index: 0, text }) +
          this.#event('response.content_part.done', { ...place, content_index: 0, part: textPart(text) })
        : this.#event('response.function_call_arguments.done', { ...place, name: call.name, arguments: text })
    const status = this.#status
    return (
      ended +
      this.#event('response.output_item.done', { output_index: 0, item }) +
      this.#event(`response.${status}`, { response: this.#response(status, [item]) })
    )
  }

  failure(message: string): string {
    const response = { ...this.#response('failed', []), error: { code: 'server_error', message } }
    return this.#event('response.failed', { response })
  }

  whole(): unknown {
    return this.#response(this.#status, [this.#item(this.#status, this.#choice.texts.join(''))])
  }

  get #status(): Status {
    return this.#choice.finish === 'length' ? 'incomplete' : 'completed'
  }

  #firstEvents(): string {
    const item = this.#item('in_progress', '')
    const added = this.#event('response.output_item.added', { output_index: 0, item })
    if (this.#choice.call !== undefined) return added
    const place = { item_id: this.#itemId, output_index: 0, content_index: 0 }
    return added + this.#event('response.content_part.added', { ...place, part: textPart('') })
  }

  #item(status: Status, text: string): object {
    const { call } = this.#choice
    const id = this.#itemId
    if (call !== undefined) {
      return { id, type: 'function_call', status, call_id: call.id, name: call.name, arguments: text }
    }
    const content = status === 'in_progress' ? [] : [textPart(text)]
    return { id, type: 'message', status, role: 'assistant', content }
  }

  #response(status: Status, output: readonly object[]): object {
    const { id, model, createdAt, promptTokens, choices } = this.#facts
    const outputTokens = completionTokensOf(choices)
    const hasEnded = status === 'completed' || status === 'incomplete'
    return {
      id,
      object: 'response',
      created_at: createdAt,
      status,
      error: null,
      incomplete_details: status === 'incomplete' ? { reason: 'max_output_tokens' } : null,
      model,
      output,
      parallel_tool_calls: false,
      usage: hasEnded
        ? {
            input_tokens: promptTokens,
            input_tokens_details: { cached_tokens: 0 },
            output_tokens: outputTokens,
            output_tokens_details: { reasoning_tokens: 0 },
            total_tokens: promptTokens + outputTokens,
          }
        : null,
    }
  }

  #event(type: string, members: object): string {
    return `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: this.#sequence++, ...members })}\n\n`
  }
}

function textPart(text: string): object {
  return { type: 'output_text', text, annotations: [] }
}
