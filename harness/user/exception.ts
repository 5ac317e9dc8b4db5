import { basename, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Folders of the product, whose own frames say nothing about a scenario. Ready scenarios are in none of them. */
const OWN = ['core', 'harness', 'calibration', 'labs', 'cli'].map(
  folder => join(import.meta.dirname, '../..', folder) + sep,
)

/** Describes an exception of a scenario in one line, with the place in its file if the stack contains it. */
export function describeException(thrown: unknown): string {
  if (!(thrown instanceof Error)) return `threw ${textOf(thrown)}`
  const place = placeOf(thrown)
  return `${thrown.name}: ${thrown.message}${place === undefined ? '' : ` (${place})`}`
}

/** Returns the place in the scenario where an error was thrown, as `shop.ts:7`; undefined if its stack does not contain it. */
export function placeOf({ stack = '' }: Error): string | undefined {
  const [first = '', ...rest] = stack.split('\n')
  // The stack of a syntax error begins with the file and the line, which no frame of it has.
  const frames = [`at ${first}:0`, ...rest.filter(line => /^\s+at /.test(line))]
  for (const frame of frames) {
    const [, file, line] = /(?:\(|at (?:async )?)((?:file:\/\/)?\/.+?):(\d+):\d+\)?$/.exec(frame) ?? []
    if (file === undefined || file.includes('/node_modules/')) continue
    const path = file.startsWith('file:') ? fileURLToPath(file) : file
    if (!OWN.some(folder => path.startsWith(folder))) return `${basename(path)}:${line}`
  }
  return undefined
}

/** Returns the value as text. An object may have no prototype, or a `toString` that throws. */
function textOf(value: unknown): string {
  try {
    return String(value)
  } catch {
    return 'an object that cannot be shown'
  }
}
