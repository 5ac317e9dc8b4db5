import { nearest } from '../../../../core/nearest.ts'
import { ReportError } from '../../tool.ts'

const MEMBERS = ['name', 'method', 'path', 'elapsed', 'status', 'startedAt', 'failed', 'error', 'bytes'] as const
type RequestMember = (typeof MEMBERS)[number]

/** Ms in a unit of `elapsed` and `startedAt`. */
const UNITS: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000 }

/** A column, or the path of a member in JSON (`timings.total`). */
interface MappedColumn {
  column: string
}

/** Where the facts about a request stand in each row of a file. */
export interface ColumnMapping {
  name?: MappedColumn
  method?: MappedColumn
  path?: MappedColumn
  elapsed: MappedColumn & { msPerUnit: number }
  status?: MappedColumn
  /** `iso` reads dates as text, with their time zone. */
  startedAt?: MappedColumn & { msPerUnit: number | 'iso' }
  /** A request failed when the column has this value, or any value but nothing, `0` and `false`. */
  failed?: MappedColumn & { value?: string }
  error?: MappedColumn
  bytes?: MappedColumn
}

const EXAMPLE = 'name=label,elapsed=duration:ms,status=code,startedAt=time:ms,failed=success:false'

/**
 * Reads a mapping such as `name=label,elapsed=took:us,failed=success:false`. A column whose name has one of `,:=` stands in
 * quotes. `elapsedMs=took` is the same as `elapsed=took:ms`.
 *
 * @throws ReportError that says what was expected
 */
export function parseColumnMapping(text: string): ColumnMapping {
  const found = new Map<RequestMember, { column: string; qualifier: string | undefined }>()
  for (const part of partsOf(text)) {
    const { member, column, qualifier } = assignmentIn(part)
    if (found.has(member)) throw new ReportError(`--columns: ${member} is mapped twice. Map it to one column.`)
    found.set(member, { column, qualifier })
  }
  const elapsed = found.get('elapsed')
  if (elapsed === undefined) {
    throw new ReportError(
      `--columns: expected a column for elapsed, got ${JSON.stringify(text)}. Write it like ${EXAMPLE}`,
    )
  }
  const mapping: ColumnMapping = {
    elapsed: { column: elapsed.column, msPerUnit: unitOf('elapsed', elapsed.qualifier) },
  }
  for (const member of ['name', 'method', 'path', 'status', 'error', 'bytes'] as const) {
    const mapped = found.get(member)
    if (mapped?.qualifier !== undefined) {
      throw new ReportError(
        `--columns: ${member} has no unit or value, got ${JSON.stringify(mapped.qualifier)}. Put a column whose name has a colon in quotes.`,
      )
    }
    if (mapped !== undefined) mapping[member] = { column: mapped.column }
  }
  const startedAt = found.get('startedAt')
  if (startedAt !== undefined) {
    const { column, qualifier } = startedAt
    mapping.startedAt = { column, msPerUnit: qualifier === 'iso' ? 'iso' : unitOf('startedAt', qualifier) }
  }
  const failed = found.get('failed')
  if (failed !== undefined) {
    const { column, qualifier } = failed
    mapping.failed = { column, ...(qualifier === undefined ? {} : { value: qualifier }) }
  }
  return mapping
}

/** Splits at commas outside quotes. */
function partsOf(text: string): string[] {
  const parts = text.match(/(?:"[^"]*"|[^",])+/g) ?? []
  if (parts.join(',') !== text.replace(/,\s*$/, '')) {
    throw new ReportError(`--columns: expected a list like ${EXAMPLE}, got ${JSON.stringify(text)}.`)
  }
  return parts
}

function assignmentIn(part: string): { member: RequestMember; column: string; qualifier: string | undefined } {
  const groups = /^\s*(\w+)\s*=\s*(?:"([^"]+)"|([^":=]+?))\s*(?::\s*(?:"([^"]*)"|([^":=]*?)))?\s*$/.exec(part)
  const [, key, quoted, plain, quotedValue, plainValue] = groups ?? []
  const column = quoted ?? plain
  if (key === undefined || column === undefined) {
    throw new ReportError(
      `--columns: expected member=column, or member=column:unit, got ${JSON.stringify(part)}. Put a column whose name has one of , : = in quotes.`,
    )
  }
  const [, base = key, unit] = /^(elapsed|startedAt)(Ms)$/.exec(key) ?? []
  const member = MEMBERS.find(each => each === base)
  if (member === undefined) {
    const meant = nearest(base, MEMBERS)
    throw new ReportError(
      `--columns: expected one of ${MEMBERS.join(', ')}, got ${JSON.stringify(key)}.${meant === undefined ? '' : ` Did you mean ${meant}?`}`,
    )
  }
  const qualifier = quotedValue ?? plainValue
  if (unit !== undefined && qualifier !== undefined) {
    throw new ReportError(
      `--columns: ${key} is in ms, got the unit ${JSON.stringify(qualifier)}. Write ${member}=${column}:${qualifier}.`,
    )
  }
  return { member, column, qualifier: unit === undefined ? qualifier : 'ms' }
}

function unitOf(member: RequestMember, unit: string | undefined): number {
  if (unit !== undefined && Object.hasOwn(UNITS, unit)) return UNITS[unit]!
  const units = [...Object.keys(UNITS), ...(member === 'startedAt' ? ['iso'] : [])].join(', ')
  throw new ReportError(
    `--columns: expected a unit of ${member} (${units}), got ${unit === undefined ? 'none' : JSON.stringify(unit)}. Write it behind the column, like ${member}=…:ms.`,
  )
}
