import type { ProcessGuard } from '../../harness/run/process-guard.ts'
import { givenVariables } from '../../harness/scenario/given-variables.ts'
import { describeException } from '../../harness/user/exception.ts'
import { InputError, listedError } from '../process/input-error.ts'
import { loadScenario, type ScenarioFile } from './scenario-file.ts'
import type { Stops } from '../process/stops.ts'

/** A command that runs a scenario in this process. */
export interface CommandContext {
  version: string
  guard: ProcessGuard
  stops: Stops
}

/**
 * Loads a scenario for a command, with the variables of the command line.
 * @throws InputError also when it ended the process while it was loaded, and for variables that it does not have.
 */
export async function loadGuarded(
  fileOrName: string,
  variables: Readonly<Record<string, string>>,
  { guard, stops }: Pick<CommandContext, 'guard' | 'stops'>,
): Promise<ScenarioFile> {
  givenVariables.give(variables)
  const file = await loadScenario(fileOrName, stops.graceful)
  if (guard.exited.aborted)
    throw new InputError(`${file.path} cannot be run: ${describeException(guard.exited.reason)}`)
  const unknown = givenVariables.unknown()
  if (unknown.length > 0) {
    const declared = givenVariables.described()
    throw listedError(
      `${file.path} cannot be run with these variables`,
      unknown,
      declared.length > 0
        ? `Its variables: ${declared.join(', ')}`
        : "It has none. `const vars = variables({ region: 'eu' })` declares one.",
    )
  }
  for (const line of givenVariables.misspelt()) process.stderr.write(`Note: ${line}\n`)
  return file
}
