import type { FastifyInstance } from 'fastify'
import { llmOperations } from '../../../contract/api/llm.ts'
import { ProblemError } from '../../exchange/problem.ts'
import { serveUnchecked } from '../../http/serve.ts'

/** Refuses completions while they are off. They are counted under their own names, as the harness counts them. */
export function refuseLlm(app: FastifyInstance): void {
  for (const name of Object.keys(llmOperations) as (keyof typeof llmOperations)[]) {
    serveUnchecked(app, name, () => {
      throw new ProblemError('not_found', 'language-model streams are off (llm.enabled)')
    })
  }
}
