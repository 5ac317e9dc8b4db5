import { ReportError, type ReportSource } from '../tool.ts'

/**
 * Returns the first source of a format.
 *
 * @param format in words, e.g. `the output of wrk`
 * @throws ReportError when none is
 */
export function sourceOf(
  sources: readonly ReportSource[],
  format: string,
  recognizes: (source: ReportSource) => boolean,
): ReportSource {
  const source = sources.find(recognizes)
  if (source !== undefined) return source
  const names = sources.map(({ name, bytes }) => (bytes.length === 0 ? `${name} (empty)` : name)).join(', ')
  throw new ReportError(
    `${names || 'The report'}: expected ${format}, but ${names === '' ? 'there is none' : 'nothing in it looks like that'}. It may be of another tool or version, or the tool did not run to its end.`,
  )
}
