import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Tool, ToolCommand } from '../../../calibration/audit/tool.ts'
import { programName } from '../../../calibration/audit/reading/command-options.ts'

const ANSWERS_WITHIN_MS = 30_000

/** Asks the tool of a command for its options, if they matter. Returns undefined when it does not answer. */
export async function helpOf(
  { helpOption, programs }: Tool,
  { program, args }: ToolCommand,
): Promise<string | undefined> {
  if (helpOption === undefined) return undefined
  const at = [program, ...args].findIndex(word => programs.includes(programName(word)))
  if (at === -1) return undefined
  const asked = promisify(execFile)(program, [...args.slice(0, at), helpOption], { timeout: ANSWERS_WITHIN_MS })
  // A program that cannot be started is told of when the command itself is.
  return asked.then(
    ({ stdout }) => stdout,
    () => undefined,
  )
}
