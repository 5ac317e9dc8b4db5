import { isObject } from '../../../core/check.ts'
import { shortened } from '../../../core/shortened.ts'
import type { LlmError } from '../../../contract/llm/errors.ts'

/** A call in a chunk, or a part of one. A server may send anything, so every member of a payload may be missing or wrong. */
export interface ChatCallPayload {
  index?: number
  id?: unknown
  function?: { name?: unknown; arguments?: unknown }
}

interface AnswerPart {
  content?: unknown
  reasoning_content?: unknown
  reasoning?: unknown
  tool_calls?: ChatCallPayload[]
}

/** A chunk of a chat, or a whole answer. */
export interface ChatPayload {
  choices?: { index?: number; delta?: AnswerPart; message?: AnswerPart; finish_reason?: string | null }[]
  usage?: { prompt_tokens?: unknown; completion_tokens?: unknown } | null
}

/** An event of a response. */
export interface ResponsesPayload {
  type?: string
  delta?: unknown
  item?: OutputItem
  response?: {
    output?: OutputItem[]
    usage?: { input_tokens?: unknown; output_tokens?: unknown } | null
    incomplete_details?: { reason?: string } | null
  }
}

interface OutputItem {
  type?: string
  id?: string
  call_id?: string
  name?: string
  arguments?: string
  content?: { text?: unknown }[]
}

/** Returns a text; '' for anything else. */
export function textIn(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** Returns the objects in a list, which may be no list at all. */
export function objectsIn<Item>(list: readonly Item[] | undefined): Item[] {
  return Array.isArray(list) ? (list as Item[]).filter(isObject) : []
}

/** Longest error that is kept, in characters. */
const LONGEST_ERROR = 300

/** Returns the error that a payload reports, in words; undefined if there is none. */
export function errorIn(payload: Record<string, unknown>): string | undefined {
  const { type, response } = payload
  const failed = type === 'response.failed' && isObject(response) ? response['error'] : undefined
  const error = failed ?? payload['error'] ?? (type === 'error' ? payload : undefined)
  if (error === undefined || error === null) return undefined
  if (typeof error === 'string') return shortened(error, LONGEST_ERROR)
  if (!isObject(error)) return 'an error without a message'
  const { message, code, type: kind } = error as Partial<LlmError['error']>
  return shortened([code ?? kind, message].filter(part => typeof part === 'string').join(': '), LONGEST_ERROR)
}
