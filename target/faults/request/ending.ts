import type { ProblemError } from '../../exchange/problem.ts'

/** An answer that a fault gives in the place of the handler's. */
export interface InjectedAnswer {
  status: number
  headers: Record<string, string>
  mediaType: string
  body: string
}

/** How an exchange ends whose handler is not asked: with an answer, with none for ever, or with a RST. */
export type Ending = InjectedAnswer | ProblemError | 'hang' | 'reset'
