import { heldToken } from '../widgets/token.ts'

/** A change of the run, as `loadcell ctl` gives it. */
export interface RunCommand {
  kind: 'pause' | 'resume' | 'scale' | 'stop' | 'abort'
  load?: string
  users?: number
  rate?: number
  factor?: number
}

/** The outcome of a command, in a sentence. */
export interface RunCommandAnswer {
  isAccepted: boolean
  words: string
}

/** Takes the key from the address, so that it stays neither there nor in the history of the browser. */
export function takeKey(): void {
  const key = location.hash.slice(1)
  if (key === '') return
  heldToken.set(key)
  history.replaceState(null, '', location.pathname)
}

/** Tells whether this page may change the run. */
export async function mayControl(): Promise<boolean> {
  try {
    const response = await fetch('/access', { headers: authorization(), cache: 'no-store' })
    const answer = (await response.json()) as { mayControl?: boolean }
    return answer.mayControl === true
  } catch {
    return false
  }
}

export async function giveCommand(command: RunCommand): Promise<RunCommandAnswer> {
  try {
    const response = await fetch('/commands', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...authorization() },
      body: JSON.stringify(command),
    })
    const answer = (await response.json()) as { detail?: string; reason?: string; nextStep?: string }
    if (response.ok) return { isAccepted: true, words: answer.detail ?? 'Done.' }
    const reason = answer.reason ?? answer.detail ?? `status ${response.status}`
    return { isAccepted: false, words: `Refused: ${reason}. ${answer.nextStep ?? ''}`.trim() }
  } catch {
    return { isAccepted: false, words: 'The run did not answer.' }
  }
}

function authorization(): Record<string, string> {
  const key = heldToken.get()
  return key === undefined ? {} : { authorization: `Bearer ${key}` }
}
