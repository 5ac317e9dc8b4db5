import type { LlmError } from '../../../contract/llm/errors.ts'
import type { ProblemError } from '../../exchange/problem.ts'

export function llmError(message: string, type: string, code: string | null, param: string | null = null): LlmError {
  return { error: { message, type, param, code } }
}

/** Returns a problem as language-model clients expect it. */
export function asLlmError({
  status,
  code,
  message,
  extra,
}: Pick<ProblemError, 'status' | 'code' | 'message' | 'extra'>): LlmError {
  const pointer = extra.errors?.[0]?.pointer
  return llmError(message, typeOf(status), code === 'invalid_token' ? 'invalid_api_key' : code, paramOf(pointer))
}

function typeOf(status: number): string {
  switch (status) {
    case 401:
      return 'authentication_error'
    case 403:
      return 'permission_error'
    case 429:
      return 'rate_limit_error'
    default:
      return status >= 500 ? 'server_error' : 'invalid_request_error'
  }
}

/** Returns `/messages/0/content` as `messages[0].content`. */
function paramOf(pointer: string | undefined): string | null {
  if (pointer === undefined || pointer === '') return null
  return pointer
    .slice(1)
    .split('/')
    .map((part, index) => (/^\d+$/.test(part) ? `[${part}]` : index === 0 ? part : `.${part}`))
    .join('')
}
