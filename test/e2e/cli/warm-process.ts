/** A process that runs commands of the command line one after the other, for `warm-loadcell.ts`. */
import { CommanderError } from 'commander'
import { Interrupts } from '../../../cli/process/interrupts.ts'
import { main } from '../../../cli/program.ts'
import type { Command, Ended } from './warm-loadcell.ts'

const interrupts = new Interrupts()
const abort = process.abort.bind(process)
const kill = process.kill.bind(process)

process.on('message', (command: Command) => void answer(command))

async function answer({ args, cwd, env, end }: Command): Promise<void> {
  process.argv.splice(2, Infinity, ...args)
  process.chdir(cwd)
  for (const name of Object.keys(process.env)) delete process.env[name]
  Object.assign(process.env, env)
  process.exitCode = undefined
  const code = await codeOfCommand()
  process.emit('exit', code)
  // A command leaves these behind, because its process is about to end.
  for (const event of ['exit', 'beforeExit', 'uncaughtException', 'unhandledRejection'])
    process.removeAllListeners(event)
  for (const stream of [process.stdout, process.stderr]) stream.removeAllListeners('error')
  // Both pipes keep the order of what is written to them.
  process.stdout.write(end)
  process.stderr.write(end)
  process.send!({ code } satisfies Ended)
}

/** Runs the command of `process.argv`, and returns its exit code. */
function codeOfCommand(): Promise<number> {
  return new Promise(resolve => {
    const exit = (code?: number): never => {
      resolve(code ?? Number(process.exitCode ?? 0))
      // `main` prints all other errors.
      throw new CommanderError(0, 'exit', 'The command has left its process.')
    }
    Object.assign(process, { exit, abort, kill })
    void main(interrupts).then(() => resolve(Number(process.exitCode ?? 0)))
  })
}
