import { failureReasons } from '../metrics/catalog.ts'
import type { ErrorRow } from '../metrics/error-table.ts'
import type { RunOutcome, ValidityFinding } from './run-result.ts'

/** Counts of event timestamps, by their kind. */
export interface TimestampCounts {
  /** Timestamps that gave a latency. */
  kept: number
  ahead: number
  /** Counts of timestamps in units other than milliseconds, by unit. */
  inOtherUnits: Readonly<Record<string, number>>
}

const SHORTAGE = /\b(EMFILE|ENFILE|EADDRNOTAVAIL|EADDRINUSE|EAGAIN|ENOBUFS|ENOMEM|EAI_MEMORY)\b/

/** Advice for each resource that the machine may run out of, by error code. */
const remedies: Readonly<Record<string, string>> = {
  EMFILE:
    'The process may open no more files, and every connection is one. Raise the limit in the shell that starts the run (`ulimit -n 65536`; in a container `--ulimit nofile=65536`), or use fewer users.',
  ENFILE: 'The whole machine may open no more files. Raise `sysctl fs.file-max`, or use fewer users.',
  ports:
    'The machine had no address or port left to connect from. Widen `sysctl net.ipv4.ip_local_port_range`, keep connections open instead of opening new ones, spread the load over several machines, and check that this machine has an address of the target’s family.',
  memory: 'The system had no memory left for sockets. Use fewer users, or a machine with more memory.',
}

/** Returns the advice for a shortage, by the error code in its message. */
function remedyFor(message: string): string {
  const code = SHORTAGE.exec(message)?.[1] ?? ''
  if (['EADDRNOTAVAIL', 'EADDRINUSE', 'EAGAIN'].includes(code)) return remedies['ports'] as string
  return remedies[code] ?? (remedies['memory'] as string)
}

/** Returns the outcome of a run in which something could not begin because files, ports or memory had run out. */
export function machineExhausted(what: string, example: string): RunOutcome {
  return {
    state: 'machine_exhausted',
    detail: `${what}: ${failureReasons.exhausted} (${example}). ${remedyFor(example)}`,
  }
}

/**
 * Returns the finding that the machine ran out of something; none if nothing ran out. A single failed attempt makes it
 * doubtful, because the load was not the planned one.
 */
export function shortageFinding(errors: readonly ErrorRow[]): ValidityFinding[] {
  const rows = errors.filter(({ reason }) => reason === 'exhausted')
  if (rows.length === 0) return []
  const count = rows.reduce((sum, row) => sum + row.count, 0)
  const examples = [...new Set(rows.map(({ example }) => example))]
  return [
    {
      question: 'Did this machine have enough open files, ports and memory?',
      cause: 'machine',
      state: 'doubtful',
      observed: `${count} attempts failed for lack of them (${examples.slice(0, 2).join('; ')})`,
      limit: 'none',
      advice: [...new Set(examples.map(remedyFor))].join(' '),
    },
  ]
}

/** Returns the finding that users had no row in their data; none if all had. The load was then that of fewer users. */
export function dataFinding(errors: readonly ErrorRow[]): ValidityFinding[] {
  const rows = errors.filter(({ reason }) => reason === 'no_row')
  if (rows.length === 0) return []
  const count = rows.reduce((sum, row) => sum + row.count, 0)
  const examples = [...new Set(rows.map(({ example }) => example))]
  return [
    {
      question: 'Did every user have a row of its data?',
      cause: 'data',
      state: 'doubtful',
      observed: `${count} attempts to take one failed (${examples.slice(0, 2).join('; ')})`,
      limit: 'none',
      advice: 'The users without a row did nothing. Give the file a row for each user, or use fewer users.',
    },
  ]
}

/** Number of files that a process has open, and its limit. */
export interface OpenFiles {
  open: number
  limit: number
}

/** Returns the finding that the embedded target ran out of open files, which is the machine's shortage. */
export function targetShortageFinding({ open, limit }: OpenFiles): ValidityFinding {
  return {
    question: 'Did the embedded target have enough open files?',
    cause: 'machine',
    state: 'doubtful',
    observed: `it had ${open} open, with a limit of ${limit}, and closed connections that it could not accept`,
    limit: 'fewer than the limit',
    advice: `${remedies['EMFILE'] as string} The embedded target has the same limit as the shell.`,
  }
}

/** Maximum share of wrong timestamps at which the latencies are still meaningful. */
const MOST_SENSELESS_SHARE = 0.001

/** Returns the finding on whether event timestamps agree with this machine's clock; none if no event had one. */
export function clockFinding({ kept, ahead, inOtherUnits }: TimestampCounts): ValidityFinding[] {
  const units = Object.entries(inOtherUnits)
  const senseless = ahead + units.reduce((sum, [, count]) => sum + count, 0)
  const all = kept + senseless
  if (all === 0) return []
  const seen = [
    ...(ahead > 0 ? [`${ahead} were ahead of this machine’s clock`] : []),
    ...units.map(([unit, count]) => `${count} were in ${unit}`),
  ]
  const advice = [
    ...(ahead > 0 || units.length === 0
      ? ['The clocks of both machines differ: synchronise them (NTP), or run both ends on one machine.']
      : []),
    ...(units.length > 0
      ? ['End-to-end latency takes timestamps in milliseconds since 1970, or in ISO 8601: let the target send those.']
      : []),
  ]
  return [
    {
      question: 'Did the timestamps of events agree with this machine’s clock?',
      cause: 'clocks',
      state: senseless > MOST_SENSELESS_SHARE * all ? 'doubtful' : 'ok',
      observed: senseless === 0 ? `all ${all} timestamps were in the past` : `of ${all} timestamps, ${seen.join(', ')}`,
      limit: 'none, or at most 1 in 1000; such events have no latency',
      advice: advice.join(' '),
    },
  ]
}
