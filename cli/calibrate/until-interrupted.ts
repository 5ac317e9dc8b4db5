import { counted } from '../../harness/report/quantity.ts'
import { exitCodes } from '../../harness/results/exit-codes.ts'
import type { Interrupts } from '../process/interrupts.ts'

/** A calibration that takes minutes, and whose parts are useful without the rest. */
export interface Interruptible<Part, Result> {
  /** Rejects soon after `stop` aborts. @param keep is called with each part when it is complete. */
  measure: (stop: AbortSignal, keep: (part: Part) => void) => Promise<Result>
  /** Returns the parts that are complete as they are printed. */
  linesOf: (parts: readonly Part[]) => string[]
  /** `subject`. */
  part: string
}

/**
 * Returns the result of a calibration. The first interrupt stops it: its targets end with their rules, and the parts that are complete
 * are printed. The second interrupt ends the process at once.
 * @param leave ends the process.
 */
export async function untilInterrupted<Part, Result>(
  interrupts: Pick<Interrupts, 'takeOver'>,
  { measure, linesOf, part }: Interruptible<Part, Result>,
  leave: (code: number) => never = code => process.exit(code),
): Promise<Result> {
  const stop = new AbortController()
  const complete: Part[] = []
  interrupts.takeOver(() => {
    if (stop.signal.aborted) leave(exitCodes.interrupted)
    process.stderr.write('\nStopping; what is complete will be printed. Interrupt again to leave at once.\n')
    stop.abort()
  })
  try {
    return await measure(stop.signal, each => complete.push(each))
  } catch (error) {
    if (!stop.signal.aborted) throw error
    const head = `INCOMPLETE: interrupted after ${counted(complete.length, part)}. Nothing was written to a file.`
    process.stdout.write(`${[head, ...linesOf(complete)].join('\n')}\n`)
    // Polls of a part that was interrupted may still wait for their next turn.
    return leave(exitCodes.interrupted)
  }
}
