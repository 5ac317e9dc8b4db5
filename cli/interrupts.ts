import { exitCodes } from './exit-codes.ts'

/** Ctrl-C and SIGTERM, counted: the first stops gracefully, the second at once, the third leaves. */
export interface Interrupts {
  graceful: AbortSignal
  atOnce: AbortSignal
  unwatch(): void
}

export function watchInterrupts(): Interrupts {
  const graceful = new AbortController()
  const atOnce = new AbortController()
  const interrupt = () => {
    if (atOnce.signal.aborted) process.exit(exitCodes.interrupted)
    if (graceful.signal.aborted) {
      process.stderr.write('\nStopping now. A third interrupt leaves without a report.\n')
      atOnce.abort()
    } else {
      process.stderr.write('\nStopping gracefully; the report will be written. Interrupt again to stop now.\n')
      graceful.abort()
    }
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  return {
    graceful: graceful.signal,
    atOnce: atOnce.signal,
    unwatch() {
      process.off('SIGINT', interrupt)
      process.off('SIGTERM', interrupt)
    },
  }
}
