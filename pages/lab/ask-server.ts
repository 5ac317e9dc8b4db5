import type { LabAction } from './lab-state.ts'

/** Asks the server to do something with a lab. @returns why it refused; undefined if it did it */
export async function askServer(lab: string, action: LabAction): Promise<string | undefined> {
  try {
    const response = await fetch(`/labs/${lab}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(action),
    })
    if (response.ok) return undefined
    const problem: unknown = await response.json().catch(() => undefined)
    const hasDetail = typeof problem === 'object' && problem !== null && 'detail' in problem
    return hasDetail ? String(problem.detail) : `the server answered with status ${response.status}`
  } catch {
    return 'the server does not answer: is the command still running?'
  }
}
