import { readdirSync, readFileSync } from 'node:fs'

/** Variable in the environment of a command and all that it starts, by which they are told from other processes. */
const VARIABLE = 'LOADCELL_AUDIT'
/** A process may start another one while it is looked for. */
const MOST_ROUNDS = 5

/** Processes that leave the group of the command that started them, such as daemons. Their environment tells them, where there is a /proc. */
export class LeftBehind {
  readonly #entry: string
  /** Variables that the command is started with. */
  readonly env: Record<string, string>

  /** @param mark that no other command has. */
  constructor(mark: string) {
    this.env = { [VARIABLE]: mark }
    this.#entry = `${VARIABLE}=${mark}`
  }

  /** Ends them. */
  end(): void {
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const left = this.#find()
      if (left.length === 0) return
      for (const id of left) {
        try {
          process.kill(id, 'SIGKILL')
        } catch {
          // It ended meanwhile.
        }
      }
    }
  }

  #find(): number[] {
    try {
      return readdirSync('/proc')
        .filter(name => /^\d+$/.test(name) && this.#hasMark(name))
        .map(Number)
    } catch {
      return []
    }
  }

  #hasMark(id: string): boolean {
    try {
      // Of a process that has ended, and waits for its parent to notice, it is empty.
      return readFileSync(`/proc/${id}/environ`, 'latin1').split('\0').includes(this.#entry)
    } catch {
      return false
    }
  }
}
