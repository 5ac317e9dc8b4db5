import { readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { optionValue } from '../../../calibration/audit/reading/command-options.ts'
import type { TargetAddress, Tool } from '../../../calibration/audit/tool.ts'
import { InputError } from '../../process/input-error.ts'

/** Puts the target's address in place of `{target}`, `{host}`, `{port}` and `{ws}`. */
export function fill(text: string, { url, host, port }: TargetAddress): string {
  return text
    .replaceAll('{target}', url)
    .replaceAll('{host}', host)
    .replaceAll('{port}', String(port))
    .replaceAll('{ws}', url.replace(/^http/, 'ws'))
}

/** Arguments that name a script with the address in it, and sentences that say what was done. */
export interface FilledScript {
  args: string[]
  added: string[]
}

/**
 * Puts the address into a copy of the script that a command names, for a tool that learns it nowhere else.
 * @param folder of the copy.
 * @throws InputError when the script cannot be read, or names another address: its load would go to somebody else.
 */
export function withFilledScript(
  { name, scriptOption = [] }: Tool,
  args: readonly string[],
  address: TargetAddress,
  folder: string,
): FilledScript {
  const asItIs = { args: [...args], added: [] }
  const file = optionValue(args, scriptOption)
  if (file === undefined) return asItIs
  const text = readScript(file)
  const filled = fill(text, address)
  if (!filled.includes(String(address.port))) {
    throw new InputError(
      `${file} does not name the target ${address.host}:${address.port}, and ${name} has no option for it`,
      'Write {host} and {port} in place of the address, or name the target that it is written for with --url.',
    )
  }
  if (filled === text) return asItIs
  const copy = join(folder, basename(file))
  writeFileSync(copy, filled)
  return {
    args: args.map(argument => {
      // Its value may be joined to the option: `-ftsung.xml`.
      const option = argument === file ? '' : scriptOption.find(each => argument === `${each}${file}`)
      return option === undefined ? argument : `${option}${copy}`
    }),
    added: [`the target’s address, in a copy of ${file}`],
  }
}

function readScript(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new InputError(`the script ${file} cannot be read: ${(error as Error).message}`)
  }
}
