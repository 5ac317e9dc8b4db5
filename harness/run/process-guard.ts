import { writeSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { constants } from 'node:os'
import { ScenarioExit, Uncaught } from './uncaught.ts'

/** Signals that end a process without a handler. */
const deadly = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGKILL', 'SIGABRT', 'SIGSEGV', 'SIGSTOP'] as const

/** Frames in the stack of an error. With Node's ten, calls of the harness and of libraries can hide the line of the scenario. */
const STACK_FRAMES = 30

/**
 * Keeps a scenario from ending the process that measures it: `process.exit` and the like throw and are reported. The process
 * ends through `leave`, even if the scenario left timers or sockets behind.
 */
export class ProcessGuard {
  readonly uncaught = new Uncaught()
  readonly #exited = new AbortController()
  readonly #exit = process.exit.bind(process)
  readonly #codeOfLoss: number
  #code: number | undefined
  /** False where an exception would end the process, or recur forever. */
  #throws = true

  /** @param codeOfLoss exit code if the process ends before `leave` by any means. */
  constructor(codeOfLoss: number) {
    this.#codeOfLoss = codeOfLoss
    Error.stackTraceLimit = STACK_FRAMES
    const original = process.kill.bind(process)
    const exit = (code?: number) => this.#refuse(`process.exit(${code ?? ''})`, exit)
    const abort = () => this.#refuse('process.abort()', abort)
    const kill = (pid: number, signal: NodeJS.Signals | number = 'SIGTERM') => {
      const name = deadly.find(name => name === signal || constants.signals[name] === signal)
      // 0 and a negative id are the process group.
      const isOwn = pid === process.pid || pid === 0 || pid === -process.pid
      const endsProcess = isOwn && name !== undefined && process.listenerCount(name) === 0
      if (!endsProcess) return original(pid, signal)
      this.#refuse(`process.kill(${pid === process.pid ? 'process.pid' : pid}, ${JSON.stringify(signal)})`, kill)
      return true as const
    }
    Object.assign(process, { exit, abort, kill })
    // Also for `import { exit } from 'node:process'`.
    syncBuiltinESMExports()
    process.on('exit', this.#last)
    process.on('uncaughtException', () => {
      // The scenario's own handlers run next, and an exception in one would end the process.
      const threw = this.#throws
      this.#throws = false
      queueMicrotask(() => (this.#throws = threw))
    })
    process.on('unhandledRejection', reason => {
      if (reason instanceof ScenarioExit) this.#throws = false
    })
  }

  /** Aborts with a ScenarioExit when the scenario tries to end the process. */
  get exited(): AbortSignal {
    return this.#exited.signal
  }

  /** Ends the process. Handlers of 'exit' run, but cannot change the code. */
  leave(code: number): never {
    this.#code = code
    process.off('exit', this.#last)
    process.on('exit', this.#last)
    try {
      this.#exit(code)
    } catch {
      // A handler threw. The second call runs no handlers.
    }
    return this.#exit(code)
  }

  #refuse(call: string, called: (...args: never[]) => unknown): void {
    if (this.#code !== undefined) return
    const exit = new ScenarioExit(`the scenario called ${call}`)
    Error.captureStackTrace(exit, called)
    this.#exited.abort(exit)
    if (this.#throws) throw exit
  }

  readonly #last = () => {
    if (this.#code === undefined) {
      try {
        writeSync(2, 'loadcell: the process was ended before the run was over, so nothing was judged\n')
      } catch {
        // stderr is closed.
      }
    }
    process.exitCode = this.#code ?? this.#codeOfLoss
  }
}
