import { Type } from '../core/schema.ts'
import type { LedgerReport } from '../contract/ledger.ts'
import type { LedgerRecord } from '../contract/ledger-record.ts'
import type { Problem } from '../contract/problem.ts'
import { checker } from '../core/check.ts'
import type { Clock } from '../core/clock.ts'
import { quotedStart } from '../core/quoted-start.ts'
import { concealerOf } from '../harness/client/address/url-credentials.ts'
import {
  ControlPlane,
  ControlPlaneError,
  type ControlPlaneOptions,
  parseAnswer,
} from '../harness/control/control-plane.ts'
import { bootIn } from '../harness/control/recognise.ts'
import { MemoryBudget } from '../target/memory/budget.ts'
import { RunLedger } from '../target/ledger/run-ledger.ts'

export interface LedgerClientOptions extends ControlPlaneOptions {
  clock: Clock
}

/** The ledger could not be read. The message is a sentence with the next step. */
export class LedgerUnavailable extends Error {}

/** Time within which the target closes its rows after the client's last byte. */
const SETTLE_WITHIN_MS = 5000
const SETTLE_POLL_MS = 50

/** Returns the current ledger of a run. @throws LedgerUnavailable */
export async function readLedger(options: LedgerClientOptions, run: string): Promise<LedgerReport> {
  const { status, text } = await ask(options, `/ledger?run=${encodeURIComponent(run)}`)
  if (isUnknownRun(status, text)) {
    // None of its requests arrived: an empty ledger, which is compared with the result like any other.
    const boot = (await readBoot(options)) ?? ''
    return new RunLedger(run, 0, 0, options.clock, new MemoryBudget().table('ledger')).report(boot, 0)
  }
  if (status !== 200)
    throw new LedgerUnavailable(`the target keeps no ledger at /_loadcell/ledger (answered ${status})`)
  const answer = parsed(text, options)
  const problem = ledgerProblem(answer, run)
  if (problem !== undefined) throw new LedgerUnavailable(problem)
  return answer as LedgerReport
}

function isUnknownRun(status: number, text: string): boolean {
  return status === 404 && parseAnswer<Problem>(text, ({ code }) => code === 'unknown_run') !== undefined
}

function parsed(text: string, { targetUrl, controlUrl }: ControlPlaneOptions): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The response may contain the request, with its credentials.
    const excerpt = JSON.stringify(concealerOf([targetUrl, controlUrl])(text.slice(0, 60)))
    throw new LedgerUnavailable(`the response of /_loadcell/ledger is not JSON (${excerpt})`)
  }
}

/** Returns the boot id, which changes with every start of the target; undefined for other servers. */
export async function readBoot(options: LedgerClientOptions): Promise<string | undefined> {
  return bootIn(await ask(options, '/runs'))
}

/** Returns the ledger of a run when no request is in flight, or after a time limit. */
export async function readSettledLedger(options: LedgerClientOptions, run: string): Promise<LedgerReport> {
  const deadline = options.clock.now() + SETTLE_WITHIN_MS
  for (;;) {
    const report = await readLedger(options, run)
    const settled = report.open.requests === 0 && report.open.streams === 0 && report.sockets.open === 0
    if (settled || options.clock.now() >= deadline || options.hurry?.aborted) return report
    await options.clock.sleep(SETTLE_POLL_MS, options.hurry)
  }
}

/**
 * Returns the records of single requests of a run, oldest first.
 * @param traces ids of the traces that the records must have; default: all records
 * @throws LedgerUnavailable
 */
export async function readRecords(
  options: LedgerClientOptions,
  run: string,
  traces?: readonly string[],
): Promise<LedgerRecord[]> {
  const filter = traces === undefined ? '' : `&trace=${traces.join(',')}`
  const { status, text } = await ask(options, `/ledger/records?run=${encodeURIComponent(run)}${filter}`)
  if (isUnknownRun(status, text)) return []
  if (status !== 200) throw new LedgerUnavailable(`the target keeps no records of single requests (answered ${status})`)
  try {
    return text
      .split('\n')
      .filter(line => line !== '')
      .map(line => JSON.parse(line) as LedgerRecord)
  } catch {
    throw new LedgerUnavailable('the target’s records of single requests are not JSON')
  }
}

async function ask(options: LedgerClientOptions, path: string): Promise<{ status: number; text: string }> {
  try {
    return await new ControlPlane(options).ask('GET', path)
  } catch (error) {
    if (error instanceof ControlPlaneError) throw new LedgerUnavailable(error.message, { cause: error })
    throw error
  }
}

const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const Counts = Type.Record(Type.String(), Count)
const Name = Type.String({ maxLength: 65_536 })
const Injected = Type.Object(counts('duplicated', 'reordered', 'malformed'))
/** Decoding checks the content. */
const EncodedHistogram = Type.Object({
  hdr: Type.String(),
  count: Count,
  sumMs: Type.Number(),
  minMs: Type.Number(),
  maxMs: Type.Number(),
})

/** The fields of a ledger that are read. Later versions of the target may send more. */
const Ledger = Type.Object({
  run: Type.String(),
  boot: Type.String(),
  open: Type.Object(counts('requests', 'streams')),
  operations: Type.Array(
    Type.Object({
      operation: Name,
      ...counts('aborted', 'cut', 'unanswered', 'bytesIn', 'bytesOut'),
      statuses: Counts,
    }),
  ),
  streams: Type.Object({
    ...counts('opened', 'reset'),
    closed: Counts,
    deliveries: Type.Array(
      Type.Object({
        stream: Name,
        ...counts('offered', 'delivered', 'polled', 'filtered', 'elsewhere', 'expired', 'unsent'),
        dropped: Counts,
        injected: Type.Optional(Injected),
      }),
    ),
  }),
  consumers: Type.Array(Type.Object({ key: Name, delivered: Count })),
  consumersNotKept: Count,
  events: Type.Object({
    ...counts('received', 'accepted', 'duplicate', 'rejected', 'delivered'),
    byStream: Counts,
  }),
  tokens: Type.Object(counts('issued', 'refreshed')),
  reports: Type.Object(counts('queued', 'completed', 'failed', 'cancelled', 'open')),
  faults: Type.Object({
    rules: Type.Array(
      Type.Object({
        id: Name,
        type: Name,
        ...counts('matched', 'injected'),
        expected: Type.Number({ minimum: 0 }),
        plannedDelay: Type.Optional(EncodedHistogram),
        actualDelay: Type.Optional(EncodedHistogram),
      }),
    ),
    stalled: Count,
  }),
  sockets: Type.Object({
    open: Count,
    endpoints: Type.Array(
      Type.Object({
        operation: Name,
        ...counts('opened', 'received', 'delivered'),
        closed: Counts,
        injected: Type.Optional(Injected),
      }),
    ),
  }),
})

const ledger = checker(Ledger)

/** Returns the reason why a response is not the ledger of a run, or undefined. */
function ledgerProblem(answer: unknown, run: string): string | undefined {
  const { format } = (answer ?? {}) as { format?: unknown }
  if (typeof format !== 'string') return 'the target keeps no ledger at /_loadcell/ledger (it answered something else)'
  if (format !== ('loadcell.ledger/1' satisfies LedgerReport['format'])) {
    return `the target’s ledger has the format ${quotedStart(format)}, expected "loadcell.ledger/1"; use a harness and a target of the same version`
  }
  if (!ledger.check(answer)) {
    const [first, ...others] = ledger.errors(answer)
    const more = others.length > 0 ? `, and ${others.length} more` : ''
    return `the target’s ledger cannot be read: ${first?.pointer.slice(0, 200)}: ${first?.detail}${more}`
  }
  if (answer.run === run) return undefined
  return `the target’s ledger is of another run: expected ${run}, got ${JSON.stringify(answer.run.slice(0, 200))}`
}

/** Returns fields that are all counts. */
function counts<Key extends string>(...keys: Key[]): Record<Key, typeof Count> {
  return Object.fromEntries(keys.map(key => [key, Count])) as Record<Key, typeof Count>
}
