import { exitCodes } from '../../harness/results/exit-codes.ts'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Handles Ctrl-C, SIGTERM and a closed terminal. Until a command takes over, the first one ends the process. */
export class Interrupts {
  #handle: (signal: NodeJS.Signals) => void = () => process.exit(exitCodes.interrupted)

  constructor() {
    for (const signal of signals) process.on(signal, () => this.#handle(signal))
  }

  takeOver(handle: (signal: NodeJS.Signals) => void): void {
    this.#handle = handle
  }
}
