import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { type Finished, scratchFolder } from './loadcell.ts'

export interface Command {
  args: string[]
  cwd: string
  env: Record<string, string | undefined>
  /** Is written to both pipes behind the output of the command. */
  end: string
}

export interface Ended {
  code: number
  /** False if the command left something running, so that the next one needs a new process. */
  isClean: boolean
}

let warm: ChildProcess | undefined
let last: Promise<unknown> = Promise.resolve()
let commands = 0

afterAll(() => void warm?.kill('SIGKILL'))

/**
 * Runs the command line in a process that has loaded its modules already, after the commands before. That saves most of the CPU time
 * of a command, and suits tests that are not about its process: how it starts and ends, its signals, the options of Node. The
 * process keeps the modules of scenarios, so a file is loaded once, and one that declares variables must be the only one.
 */
export function loadcell(
  args: string[],
  { cwd = scratchFolder(), env }: { cwd?: string; env?: Record<string, string> } = {},
): Promise<Finished> {
  const command = { args, cwd, env: { ...process.env, NO_COLOR: '1', ...env }, end: `\0${commands++}\0` }
  const finished = last.then(() => run(command))
  last = finished.catch(() => {})
  return finished
}

function startProcess(): ChildProcess {
  const child = fork(join(import.meta.dirname, 'warm-process.ts'), {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: [],
  })
  for (const stream of [child.stdout!, child.stderr!]) stream.setEncoding('utf8')
  return child
}

async function run(command: Command): Promise<Finished> {
  const child = (warm ??= startProcess())
  const over = new AbortController()
  let output = ''
  const ends = [child.stdout!, child.stderr!].map(
    stream =>
      new Promise<void>(resolve => {
        const keep = (chunk: string) => {
          output += chunk
          if (!output.includes(command.end)) return
          output = output.replace(command.end, '')
          stream.off('data', keep)
          resolve()
        }
        stream.on('data', keep)
        over.signal.addEventListener('abort', () => stream.off('data', keep))
      }),
  )
  const gone = once(child, 'exit', over).then(([code]) => {
    warm = undefined
    throw new Error(`the process of all commands ended with ${code}:\n${output}`)
  })
  const ended = once(child, 'message', over) as Promise<[Ended]>
  child.send(command)
  try {
    const [[{ code, isClean }]] = (await Promise.race([Promise.all([ended, ...ends]), gone])) as [[Ended]]
    if (!isClean) {
      warm = undefined
      child.kill('SIGKILL')
    }
    return { code, output }
  } finally {
    over.abort()
    gone.catch(() => {})
  }
}
