import type { Recorder } from '../metrics/recorder.ts'
import { describeException } from '../user/exception.ts'

/**
 * A scenario may throw where nobody waits for it, in a timer or a promise that it dropped. That must be counted and must
 * not take the run with it. Returns what ends the care.
 */
export function countUncaught(recorder: Recorder): () => void {
  const count = (thrown: unknown) => {
    recorder.fail({ reason: 'exception', name: '(outside of any iteration)', example: describeException(thrown) })
  }
  process.on('uncaughtException', count)
  process.on('unhandledRejection', count)
  return () => {
    process.off('uncaughtException', count)
    process.off('unhandledRejection', count)
  }
}
