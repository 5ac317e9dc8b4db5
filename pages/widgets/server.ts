import { heldToken } from './token.ts'

/** The server refused something, or could not be reached. Its message is for people. */
export class ServerRefusal extends Error {}

/**
 * Asks the server of the page for something, and returns the JSON of its answer.
 * @throws ServerRefusal
 */
export async function ask<Answer>(method: string, address: string, body?: unknown): Promise<Answer> {
  const token = heldToken.get()
  const response = await fetch(address, {
    method,
    cache: 'no-store',
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  }).catch((error: unknown) => {
    throw new ServerRefusal(`The server cannot be reached: ${String(error)}`)
  })
  const answer: unknown = await response.json().catch(() => undefined)
  if (response.ok) return answer as Answer
  throw new ServerRefusal(problemText(answer) ?? `The server answered with status ${response.status}`)
}

function problemText(problem: unknown): string | undefined {
  if (typeof problem !== 'object' || problem === null) return undefined
  if ('detail' in problem) return String(problem.detail)
  return 'title' in problem ? String(problem.title) : undefined
}

/** Returns what went wrong, in words for people. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
