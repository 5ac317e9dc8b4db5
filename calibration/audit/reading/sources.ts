import { ReportError, type ReportSource, type Tool } from '../tool.ts'

/**
 * Returns the first source of a format.
 *
 * @param format in words, e.g. `the output of wrk`
 * @throws ReportError when none is
 */
export function sourceOf(
  sources: readonly ReportSource[],
  format: string,
  tool: Pick<Tool, 'recognizes'>,
): ReportSource {
  const source = sources.find(source => tool.recognizes(source))
  if (source !== undefined) return source
  const names = sources.map(({ name, bytes }) => (bytes.length === 0 ? `${name} (empty)` : name)).join(', ')
  throw new ReportError(
    `${names || 'The report'}: expected ${format}, but ${names === '' ? 'there is none' : 'nothing in it looks like that'}. It may be of another tool or version, or the tool did not run to its end.`,
  )
}
