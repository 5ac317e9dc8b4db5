import { untilAborted } from '../../core/until-aborted.ts'
import { LabInputError } from '../../labs/lab-input.ts'
import { InputError } from '../process/input-error.ts'
import type { Interrupts } from '../process/interrupts.ts'
import { LabDesk } from './page/lab-desk.ts'
import { LabPageServer } from './page/lab-page-server.ts'
import type { LabFlags } from './lab-flags.ts'
import { asInput, labNamed, worksheetPath } from './lab-flags.ts'
import { labRunner } from './lab-runner.ts'
import { learnerName } from './worksheet-file.ts'

/**
 * Serves the labs on a page until an interrupt. Worksheets are written after each run, so an interrupt loses only the run under way.
 * @param name the lab that is opened; undefined for the list
 * @throws InputError
 */
export async function serveLabs(
  name: string | undefined,
  { set: settings, file, seed, learner = learnerName(), port = 0 }: LabFlags,
  version: string,
  interrupts: Pick<Interrupts, 'takeOver'>,
): Promise<void> {
  const lab = name === undefined ? undefined : labNamed(name)
  const path = worksheetPath(file)
  const stop = new AbortController()
  const say = (line: string) => process.stdout.write(`${line}\n`)
  const desk = asInput(
    () =>
      new LabDesk({
        run: labRunner(seed, version, stop.signal),
        seed,
        version,
        learner,
        ...(lab !== undefined && { first: { name: lab.name, settings, file: path } }),
        onWorksheet: written => say(`Your worksheet: ${written}`),
      }),
  )
  const server = await LabPageServer.open(port, desk).catch((error: Error) => {
    throw new InputError(`the labs cannot be served: ${error.message}`, 'Give another --port.')
  })
  interrupts.takeOver(() => stop.abort(new LabInputError('the command was interrupted')))
  say(`Open ${server.address}${lab === undefined ? '' : `labs/${lab.name}`} in a browser.`)
  say('Press Ctrl-C when you are done. With --no-ui, a lab runs in the terminal instead.')
  await untilAborted(new Promise<never>(() => {}), stop.signal)
  server.close()
}
