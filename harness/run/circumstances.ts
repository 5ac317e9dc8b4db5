import { failureReasons } from '../../contract/metrics.ts'
import type { ErrorRow, RunOutcome, ValidityFinding } from '../../contract/run-result.ts'

/** Events whose own timestamp was read, by what it turned out to be. */
export interface TimestampCounts {
  /** Those with a latency. */
  kept: number
  ahead: number
  /** In another unit than milliseconds: counts by unit. */
  inOtherUnits: Readonly<Record<string, number>>
}

const SHORTAGE = /\b(EMFILE|ENFILE|EADDRNOTAVAIL|EADDRINUSE|EAGAIN|ENOBUFS|ENOMEM|EAI_MEMORY)\b/

/** What to do when the machine has no more of what an error code names. */
const remedies: Readonly<Record<string, string>> = {
  EMFILE:
    'The process may open no more files, and every connection is one. Raise the limit in the shell that starts the run (`ulimit -n 65536`; in a container `--ulimit nofile=65536`), or use fewer users.',
  ENFILE: 'The whole machine may open no more files. Raise `sysctl fs.file-max`, or use fewer users.',
  ports:
    'The machine had no address or port left to connect from. Widen `sysctl net.ipv4.ip_local_port_range`, keep connections open instead of opening new ones, spread the load over several machines, and check that this machine has an address of the target’s family.',
  memory: 'The system had no memory left for sockets. Use fewer users, or a machine with more memory.',
}

/** What to do about a shortage, as the code in its message tells. */
function remedyFor(message: string): string {
  const code = SHORTAGE.exec(message)?.[1] ?? ''
  if (['EADDRNOTAVAIL', 'EADDRINUSE', 'EAGAIN'].includes(code)) return remedies['ports'] as string
  return remedies[code] ?? (remedies['memory'] as string)
}

/** How a run ends in which something could not even begin for want of files, ports or memory. */
export function machineExhausted(what: string, example: string): RunOutcome {
  return {
    state: 'machine_exhausted',
    detail: `${what}: ${failureReasons.exhausted} (${example}). ${remedyFor(example)}`,
  }
}

/**
 * That the machine did not have what the load took. One attempt that failed for want of it is too many: the load was
 * another one. No finding where it had.
 */
export function shortageFinding(errors: readonly ErrorRow[]): ValidityFinding[] {
  const rows = errors.filter(({ reason }) => reason === 'exhausted')
  if (rows.length === 0) return []
  const count = rows.reduce((sum, row) => sum + row.count, 0)
  const examples = [...new Set(rows.map(({ example }) => example))]
  return [
    {
      question: 'Had this machine enough open files, ports and memory?',
      cause: 'machine',
      state: 'doubtful',
      observed: `${count} attempts failed for want of them (${examples.slice(0, 2).join('; ')})`,
      limit: 'none',
      advice: [...new Set(examples.map(remedyFor))].join(' '),
    },
  ]
}

/** Timestamps that make no sense may be this share of all before the latencies say nothing. */
const MOST_SENSELESS_SHARE = 0.001

/** Whether the timestamps of events can be held against this machine's clock. No finding where no event had one. */
export function clockFinding({ kept, ahead, inOtherUnits }: TimestampCounts): ValidityFinding[] {
  const units = Object.entries(inOtherUnits)
  const senseless = ahead + units.reduce((sum, [, count]) => sum + count, 0)
  const all = kept + senseless
  if (all === 0) return []
  const seen = [
    ...(ahead > 0 ? [`${ahead} lay ahead of this machine’s clock`] : []),
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
      observed: senseless === 0 ? `all ${all} lay in its past` : `of ${all} timestamps, ${seen.join(', ')}`,
      limit: 'none, or at most 1 in 1000; such events have no latency',
      advice: advice.join(' '),
    },
  ]
}
