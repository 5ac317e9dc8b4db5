import type { LoggedRequest } from '../reading/sample-sums.ts'
import { beginningOf, linesOf } from '../reading/source-text.ts'
import { ReportError, type ReportSource } from '../tool.ts'
import { gatlingRecords, isBinaryLog } from './gatling-binary-log.ts'
import { quotedStart } from '../../../core/quoted-start.ts'

/** The run that a simulation.log is about, which it names before the requests. */
export interface GatlingRun {
  version: string
  startedAt: number
}

/** A line or record of a simulation.log that matters here. */
export type GatlingRecord =
  | { kind: 'run'; run: GatlingRun }
  | {
      kind: 'request'
      groups: string[]
      name: string
      startedAt: number
      endedAt: number
      isOk: boolean
      message: string
    }
  | { kind: 'user'; isStart: boolean }
  | { kind: 'other' }

/** Fields of a line of a text log, which Gatling 3.4 to 3.11 writes. */
const RUN_FIELDS = 6
const REQUEST_FIELDS = 7

export function isSimulationLog(source: ReportSource): boolean {
  return isBinaryLog(source) || /^(?:RUN|ASSERTION)\t/.test(beginningOf(source))
}

/** Returns the records of a simulation.log one at a time: the run comes before its requests. */
export function recordsOf(source: ReportSource): Generator<GatlingRecord> {
  return isBinaryLog(source) ? gatlingRecords(source) : textRecords(source)
}

export function runOf(source: ReportSource): GatlingRun {
  for (const record of recordsOf(source)) {
    if (record.kind === 'run') return record.run
    if (record.kind !== 'other') break
  }
  throw new ReportError(`${source.name}: expected a simulation.log of Gatling, which begins with its run, got none.`)
}

export function requestOf(record: GatlingRecord & { kind: 'request' }): LoggedRequest {
  const { groups, name, startedAt, endedAt, isOk, message } = record
  return {
    name: [...groups, name].join(' / '),
    startedAt,
    elapsedMs: endedAt - startedAt,
    // Gatling logs no status.
    status: 0,
    failed: !isOk,
    ...(!isOk && isException(message) && { error: message }),
  }
}

/** Other messages are those of checks, such as `status.find.is(200), found 503`: there was a response. */
function isException(message: string): boolean {
  return /^[\w.$]*(?:Exception|Error)\b/.test(message)
}

function* textRecords(source: ReportSource): Generator<GatlingRecord> {
  for (const { number, text, isWhole } of linesOf(source)) {
    // A message may be one space, which is trimmed.
    const fields = text.split('\t')
    const place = `${source.name}: line ${number}`
    if (!isWhole) throw cutOff(place)
    if (fields[0] === 'RUN') yield runIn(place, fields)
    else if (fields[0] === 'REQUEST') yield requestIn(place, fields)
    else if (fields[0] === 'USER') yield { kind: 'user', isStart: fields[2] === 'START' }
    else if (/^(?:GROUP|ERROR|ASSERTION)$/.test(fields[0]!)) yield { kind: 'other' }
    else
      throw new ReportError(
        `${place}: expected a record of Gatling's simulation.log, got ${JSON.stringify(text.slice(0, 60))}.`,
      )
  }
}

function runIn(place: string, fields: readonly string[]): GatlingRecord {
  const version = fields[RUN_FIELDS - 1] ?? ''
  const startedAt = Number(fields[3])
  if (!version.startsWith('3.') || !(startedAt > 0)) {
    throw new ReportError(
      `${place}: expected a run of Gatling 3.4 or newer, got ${quotedStart(fields.join(' '))}. Update Gatling.`,
    )
  }
  return { kind: 'run', run: { version, startedAt } }
}

function requestIn(place: string, fields: readonly string[]): GatlingRecord {
  const [, groups = '', name = '', start, end, status, message = ''] = fields
  const [startedAt, endedAt] = [Number(start), Number(end)]
  const isKnown = (status === 'OK' || status === 'KO') && startedAt > 0 && endedAt >= startedAt
  // Without its message, a line is one shorter.
  if (!isKnown || fields.length > REQUEST_FIELDS) {
    throw new ReportError(
      `${place}: expected group, name, start, end, OK or KO, and message, as Gatling 3.4 to 3.11 writes them, got ${quotedStart(fields.join(' '))}. The log is damaged or of an older version.`,
    )
  }
  const path = groups === '' ? [] : groups.split(',')
  return { kind: 'request', groups: path, name, startedAt, endedAt, isOk: status === 'OK', message }
}

function cutOff(place: string): ReportError {
  return new ReportError(`${place}: the log ends in the middle of a line. Let Gatling end by itself.`)
}
