import { exitCodes } from '../../harness/results/exit-codes.ts'
import { InputError } from './input-error.ts'
import type { Interrupts } from './interrupts.ts'

/** Signals that stop a run from outside: the first interrupt ends it gracefully, the second at once. */
export interface Stops {
  graceful: AbortSignal
  atOnce: AbortSignal
}

/** @param leave ends the process at the third interrupt. */
export function stopsOf(interrupts: Interrupts, leave: () => never): Stops {
  const graceful = new AbortController()
  const atOnce = new AbortController()
  interrupts.takeOver(() => {
    if (atOnce.signal.aborted) leave()
    if (graceful.signal.aborted) {
      process.stderr.write('\nStopping now. A third interrupt leaves at once, without a report.\n')
      atOnce.abort()
    } else {
      process.stderr.write('\nStopping gracefully; a run that has begun is reported. Interrupt again to stop now.\n')
      graceful.abort(
        new InputError('interrupted before the run began; there is no report', undefined, exitCodes.interrupted),
      )
    }
  })
  return { graceful: graceful.signal, atOnce: atOnce.signal }
}
