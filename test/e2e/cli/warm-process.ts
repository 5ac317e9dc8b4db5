/** A process that runs commands of the command line one after the other, for `warm-loadcell.ts`. */
import { syncBuiltinESMExports } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
import { CommanderError } from 'commander'
import { Interrupts } from '../../../cli/process/interrupts.ts'
import { main } from '../../../cli/program.ts'
import { readVariables } from '../../../harness/scenario/environment.ts'
import type { Command, Ended } from './warm-loadcell.ts'

const POLL_MS = 10
/** Polls in which sockets that a command has closed are gone. */
const MOST_POLLS = 20

const interrupts = new Interrupts()
const send = process.send!.bind(process)
const original = {
  abort: process.abort.bind(process),
  kill: process.kill.bind(process),
  console: globalThis.console,
  write: process.stdout.write.bind(process.stdout),
  stackTraceLimit: Error.stackTraceLimit,
}

process.on('message', (command: Command) => void answer(command))
// A command has no process above it to report to.
process.send = undefined

const emitters: NodeJS.EventEmitter[] = [process, process.stdout, process.stderr]
const listenersAtFirst = emitters.map(listenersOf)
const resourcesAtFirst = process.getActiveResourcesInfo().length

async function answer({ args, cwd, env, end }: Command): Promise<void> {
  process.argv.splice(2, Infinity, ...args)
  process.chdir(cwd)
  for (const name of Object.keys(process.env)) delete process.env[name]
  Object.assign(process.env, env)
  process.exitCode = undefined
  const hasLeft = await runCommand()
  // Listeners may change the code.
  process.emit('exit', exitCode())
  const code = exitCode()
  const isClean = await hasEnded(hasLeft)
  restore()
  // Both pipes keep the order of what is written to them.
  process.stdout.write(end)
  process.stderr.write(end)
  send({ code, isClean } satisfies Ended)
}

const exitCode = () => Number(process.exitCode ?? 0)

/** Runs the command of `process.argv`. @returns whether it left its process by `process.exit` */
function runCommand(): Promise<boolean> {
  return new Promise(resolve => {
    const exit = (code?: number): never => {
      if (code !== undefined) process.exitCode = code
      resolve(true)
      // `main` prints all other errors.
      throw new CommanderError(0, 'exit', 'The command has left its process.')
    }
    Object.assign(process, { exit, abort: original.abort, kill: original.kill })
    syncBuiltinESMExports()
    void main(interrupts).then(() => resolve(false))
  })
}

/**
 * Waits until nothing is left that would keep the process of the command alive. A command that does not leave by itself waits as long
 * as its process would. @returns false if something is left
 */
async function hasEnded(hasLeft: boolean): Promise<boolean> {
  for (let polls = 0; process.getActiveResourcesInfo().length > resourcesAtFirst; polls++) {
    if (hasLeft && polls === MOST_POLLS) return false
    await sleep(POLL_MS, undefined, { ref: false })
  }
  return true
}

/** Removes what a command leaves behind because its process is about to end. */
function restore(): void {
  for (const [index, emitter] of emitters.entries()) {
    for (const [event, listeners] of listenersOf(emitter)) {
      const kept = listenersAtFirst[index]!.get(event) ?? []
      for (const listener of listeners)
        if (!kept.includes(listener)) emitter.removeListener(event, listener as () => void)
    }
  }
  globalThis.console = original.console
  process.stdout.write = original.write
  Error.stackTraceLimit = original.stackTraceLimit
  readVariables.clear()
}

function listenersOf(emitter: NodeJS.EventEmitter): Map<string | symbol, Function[]> {
  return new Map(emitter.eventNames().map(event => [event, emitter.rawListeners(event)]))
}
