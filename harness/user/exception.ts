import { basename } from 'node:path'

/** What a scenario threw in one line, with the place in its file when the stack tells. */
export function describeException(thrown: unknown): string {
  if (!(thrown instanceof Error)) return `threw ${String(thrown)}`
  const frame = thrown.stack?.split('\n').find(line => /^\s+at /.test(line) && !/node:|node_modules/.test(line))
  const [, file, line] = /([^\s()]+):(\d+):\d+\)?$/.exec(frame ?? '') ?? []
  return `${thrown.name}: ${thrown.message}${file === undefined ? '' : ` (${basename(file)}:${line})`}`
}
