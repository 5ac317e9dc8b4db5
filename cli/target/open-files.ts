import { readFileSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import type { OpenFiles } from '../../harness/results/circumstances.ts'
import { systemClock } from '../../core/clock.ts'

const LOOK_EVERY_MS = 500
/** A server at its limit closes each new connection at once, so it may be this far below the limit at times. */
const NEARLY = 2

/** Watches how many files a process has open. It works on Linux only, and sees nothing elsewhere. */
export class OpenFilesWatch {
  /** Maximum number of open files seen, once the process has reached its limit. */
  exhausted: OpenFiles | undefined
  readonly #folder: string
  readonly #limit: number
  readonly #stopped = new AbortController()

  constructor(pid: number) {
    this.#folder = `/proc/${pid}/fd`
    this.#limit = softLimit(pid)
    if (Number.isFinite(this.#limit)) void this.#watch()
  }

  stop(): void {
    this.#stopped.abort()
  }

  async #watch(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      const open = await this.#count()
      if (open >= this.#limit - NEARLY && open >= (this.exhausted?.open ?? 0)) {
        this.exhausted = { open, limit: this.#limit }
      }
      await systemClock.sleep(LOOK_EVERY_MS, this.#stopped.signal)
    }
  }

  async #count(): Promise<number> {
    try {
      // Since Linux 6.2 the size of the folder is the number of its entries.
      const { size } = await stat(this.#folder)
      return size > 0 ? size : (await readdir(this.#folder)).length
    } catch {
      return 0
    }
  }
}

/** Returns the soft limit on the open files of a process; Infinity where there is none or it is unknown. */
export function softLimit(pid: number): number {
  try {
    const [, limit] = /^Max open files\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8')) ?? []
    return limit === undefined ? Number.POSITIVE_INFINITY : Number(limit)
  } catch {
    return Number.POSITIVE_INFINITY
  }
}
