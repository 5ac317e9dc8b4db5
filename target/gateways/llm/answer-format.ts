import type { PlannedChoice } from './planned-completion.ts'

/** The facts of an answer that every format shows. */
export interface AnswerFacts {
  id: string
  model: string
  /** Seconds since the Unix epoch. */
  createdAt: number
  promptTokens: number
  choices: readonly PlannedChoice[]
}

/** Writes an answer as one of the APIs has it. */
export interface AnswerFormat {
  /** Returns what a stream begins with, before its first token. */
  opening(): string
  /** Returns what one token adds to a stream. */
  token(choice: number, ordinal: number): string
  /** Returns what a stream ends with. */
  ending(): string
  /** Returns what a stream ends with that fails. */
  failure(message: string): string
  /** Returns the whole answer. */
  whole(): unknown
}

/** Returns the number of tokens of all choices. */
export function completionTokensOf(choices: readonly PlannedChoice[]): number {
  return choices.reduce((sum, { texts }) => sum + texts.length, 0)
}
