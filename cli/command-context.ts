import type { ProcessGuard } from '../harness/run/process-guard.ts'
import { describeException } from '../harness/user/exception.ts'
import { InputError } from './input-error.ts'
import { loadScenario, type ScenarioFile } from './scenario-file.ts'
import type { Stops } from './stops.ts'

/** A command that runs a scenario in this process. */
export interface CommandContext {
  version: string
  guard: ProcessGuard
  stops: Stops
}

/** Loads a scenario for a command. @throws InputError also when it ended the process while it was loaded. */
export async function loadGuarded(
  fileOrName: string,
  { guard, stops }: Pick<CommandContext, 'guard' | 'stops'>,
): Promise<ScenarioFile> {
  const file = await loadScenario(fileOrName, stops.graceful)
  if (guard.exited.aborted)
    throw new InputError(`${file.path} cannot be run: ${describeException(guard.exited.reason)}`)
  return file
}
