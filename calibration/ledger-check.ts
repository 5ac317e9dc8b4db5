import { Type } from 'typebox'
import { checker } from '../core/check.ts'
import type { LedgerReport } from '../contract/ledger.ts'

const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const Counts = Type.Record(Type.String(), Count)
const Name = Type.String({ maxLength: 65_536 })
/** The content is checked when it is decoded. */
const EncodedHistogram = Type.Object({
  hdr: Type.String(),
  count: Count,
  sumMs: Type.Number(),
  minMs: Type.Number(),
  maxMs: Type.Number(),
})
const Injected = Type.Object({ duplicated: Count, reordered: Count, malformed: Count })

/** Fields of a ledger that are read here. Later versions of the target may send more. */
const Ledger = Type.Object({
  run: Type.String(),
  boot: Type.String(),
  open: Type.Object({ requests: Count, streams: Count }),
  operations: Type.Array(
    Type.Object({
      operation: Name,
      aborted: Count,
      cut: Count,
      unanswered: Count,
      statuses: Counts,
      bytesIn: Count,
      bytesOut: Count,
    }),
  ),
  streams: Type.Object({
    opened: Count,
    closed: Counts,
    reset: Count,
    deliveries: Type.Array(
      Type.Object({
        stream: Name,
        offered: Count,
        delivered: Count,
        polled: Count,
        dropped: Counts,
        injected: Type.Optional(Injected),
        filtered: Count,
        elsewhere: Count,
        expired: Count,
        unsent: Count,
      }),
    ),
  }),
  consumers: Type.Array(Type.Object({ key: Name, delivered: Count })),
  consumersNotKept: Count,
  events: Type.Object({
    received: Count,
    accepted: Count,
    duplicate: Count,
    rejected: Count,
    delivered: Count,
    byStream: Counts,
  }),
  tokens: Type.Object({ issued: Count, refreshed: Count }),
  reports: Type.Object({ queued: Count, completed: Count, failed: Count, cancelled: Count, open: Count }),
  faults: Type.Object({
    rules: Type.Array(
      Type.Object({
        id: Name,
        type: Name,
        matched: Count,
        injected: Count,
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
        opened: Count,
        closed: Counts,
        received: Count,
        delivered: Count,
        injected: Type.Optional(Injected),
      }),
    ),
  }),
})

const ledger = checker(Ledger)

/** Returns why a response is not the ledger of a run, as part of a sentence; undefined when it is. */
export function whyNoLedger(answer: unknown, run: string): string | undefined {
  const { format } = (answer ?? {}) as { format?: unknown }
  if (typeof format !== 'string') return 'the target keeps no ledger at /_loadcell/ledger (it answered something else)'
  if (format !== ('loadcell.ledger/1' satisfies LedgerReport['format'])) {
    return `the target’s ledger has the format ${JSON.stringify(format.slice(0, 80))}, expected "loadcell.ledger/1"; use a harness and a target of the same version`
  }
  if (!ledger.check(answer)) {
    const [first, ...others] = ledger.errors(answer)
    const more = others.length > 0 ? `, and ${others.length} more` : ''
    return `the target’s ledger cannot be read: ${first?.pointer.slice(0, 200)}: ${first?.detail}${more}`
  }
  if (answer.run === run) return undefined
  return `the target’s ledger is of another run: expected ${run}, got ${JSON.stringify(answer.run.slice(0, 200))}`
}
