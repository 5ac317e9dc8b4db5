import type { Static } from 'typebox'
import { Type } from '../../core/schema.ts'

/** The error of a language-model API, in a body of its own or as an event in the middle of a stream. */
export const LlmError = Type.Object({
  error: Type.Object({
    message: Type.String(),
    type: Type.String(),
    /** The place in the body, such as `messages[0].content`. */
    param: Type.Union([Type.String(), Type.Null()]),
    code: Type.Union([Type.String(), Type.Null()]),
  }),
})
export type LlmError = Static<typeof LlmError>
