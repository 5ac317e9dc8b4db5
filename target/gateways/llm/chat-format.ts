import type { ChatCompletion, ChatUsage } from '../../../contract/llm/chat.ts'
import { type AnswerFacts, type AnswerFormat, completionTokensOf } from './answer-format.ts'
import { llmError } from './llm-error.ts'
import type { PlannedChoice } from './planned-completion.ts'

/** `POST /v1/chat/completions`: chunks, and `[DONE]`. */
export class ChatFormat implements AnswerFormat {
  readonly #facts: AnswerFacts
  readonly #includesUsage: boolean
  /** The beginning of every chunk, up to its choices. */
  readonly #head: string
  /** The beginning and end of a chunk with text, by choice. */
  readonly #parts: readonly (readonly [before: string, after: string])[]

  /** @param includesUsage whether a stream ends with the usage */
  constructor(facts: AnswerFacts, includesUsage: boolean) {
    const { id, model, createdAt, choices } = facts
    this.#facts = facts
    this.#includesUsage = includesUsage
    const object = 'chat.completion.chunk'
    this.#head = `data: ${JSON.stringify({ id, object, created: createdAt, model }).slice(0, -1)},"choices":[`
    this.#parts = choices.map(({ call }, index) => {
      const before = `${this.#head}{"index":${index},"delta":`
      const end = `},"finish_reason":null}]${this.#noUsage}}\n\n`
      return call === undefined
        ? [`${before}{"content":`, end]
        : [`${before}{"tool_calls":[{"index":0,"function":{"arguments":`, `}}]${end}`]
    })
  }

  opening(): string {
    return ''
  }

  token(index: number, ordinal: number): string {
    const { texts } = this.#facts.choices[index]!
    const text = texts[ordinal]!
    const [before, after] = this.#parts[index]!
    const first = ordinal === 0 ? this.#firstChunk(index) : ''
    const chunk = text === '' ? '' : `${before}${JSON.stringify(text)}${after}`
    return ordinal + 1 === texts.length ? first + chunk + this.#lastChunk(index) : first + chunk
  }

  ending(): string {
    if (!this.#includesUsage) return 'data: [DONE]\n\n'
    return `${this.#head}],"usage":${JSON.stringify(this.#usage())}}\n\ndata: [DONE]\n\n`
  }

  failure(message: string): string {
    return `data: ${JSON.stringify(llmError(message, 'server_error', 'completion_failed'))}\n\n`
  }

  whole(): ChatCompletion {
    const { id, model, createdAt, choices } = this.#facts
    return {
      id,
      object: 'chat.completion',
      created: createdAt,
      model,
      choices: choices.map((choice, index) => ({
        index,
        message: messageOf(choice),
        finish_reason: choice.finish,
      })),
      usage: this.#usage(),
    }
  }

  /** Says who speaks, and which function is called. */
  #firstChunk(index: number): string {
    const { call } = this.#facts.choices[index]!
    const delta =
      call === undefined
        ? { role: 'assistant', content: '' }
        : {
            role: 'assistant',
            content: null,
            tool_calls: [{ index: 0, id: call.id, type: 'function', function: { name: call.name, arguments: '' } }],
          }
    return `${this.#head}${JSON.stringify({ index, delta, finish_reason: null })}]${this.#noUsage}}\n\n`
  }

  #lastChunk(index: number): string {
    const { finish } = this.#facts.choices[index]!
    return `${this.#head}${JSON.stringify({ index, delta: {}, finish_reason: finish })}]${this.#noUsage}}\n\n`
  }

  get #noUsage(): string {
    return this.#includesUsage ? ',"usage":null' : ''
  }

  #usage(): ChatUsage {
    const { promptTokens, choices } = this.#facts
    const completionTokens = completionTokensOf(choices)
    return {
      prompt_tokens: promptTokens,
      completion_tokens: completionTokens,
      total_tokens: promptTokens + completionTokens,
    }
  }
}

function messageOf({ call, texts }: PlannedChoice): ChatCompletion['choices'][number]['message'] {
  const text = texts.join('')
  if (call === undefined) return { role: 'assistant', content: text }
  const { id, name } = call
  return {
    role: 'assistant',
    content: null,
    tool_calls: [{ id, type: 'function', function: { name, arguments: text } }],
  }
}
