import { formatCount } from '../../core/number-format.ts'
import { counted } from '../../harness/report/quantity.ts'
import { operations, type OperationName } from '../../contract/api/operations.ts'
import { distinct, type DetailedRecord, exampleOf, type ReviewEvidence, type Reviewer } from './evidence.ts'

/** Fewest requests of an operation that show how varied they are. */
const FEWEST = 50
/** Share of different values below which a cache would answer nearly everything. */
const VARIED_SHARE = 0.02
const MOST_REPEATED = 10
const FEWEST_BODIES = 20
const DUPLICATE_SHARE = 0.01
/** Their bodies are credentials, which repeat by nature. */
const CREDENTIALS: readonly OperationName[] = [
  'oauth.token',
  'oauth.introspect',
  'oauth.revoke',
  'auth.login',
  'auth.refresh',
  'auth.logout',
]

/** The same few ids in the paths of an operation. */
export const fewIds: Reviewer = evidence =>
  leastVaried(evidence, {
    id: 'few-ids',
    one: 'id',
    many: 'ids',
    applies: operation => operation !== 'unmatched' && operations[operation].path.includes('{id}'),
    valueOf: ({ details }) => details.url.replace(/\?.*$/, ''),
  })

/** The same few searches. */
export const fewQueries: Reviewer = evidence =>
  leastVaried(evidence, {
    id: 'few-queries',
    one: 'query',
    many: 'queries',
    applies: operation => operation === 'products.search' || operation === 'products.list',
    valueOf: ({ details }) => details.url,
  })

interface Variety {
  id: string
  /** Its noun, in the singular and the plural. */
  one: string
  many: string
  applies: (operation: OperationName) => boolean
  valueOf: (record: DetailedRecord) => string
}

function leastVaried({ operations: byOperation }: ReviewEvidence, { id, one, many, applies, valueOf }: Variety) {
  const narrow = [...byOperation]
    .filter(([operation, records]) => applies(operation) && records.length >= FEWEST)
    .map(([operation, records]) => ({ operation, records, values: distinct(records.map(valueOf)) }))
    .filter(({ records, values }) => values <= Math.max(MOST_REPEATED, VARIED_SHARE * records.length))
    .sort((a, b) => b.records.length - a.records.length)
  const [worst] = narrow
  if (worst === undefined) return undefined
  const { operation, records, values } = worst
  return {
    id,
    harm: 'medium' as const,
    title:
      values === 1
        ? `all ${formatCount(records.length)} requests of ${operation} used the same ${one}`
        : `${formatCount(records.length)} requests of ${operation} used ${formatCount(values)} different ${many}`,
    count: records.length - values,
    of: records.length,
    example: exampleOf(records[0]!),
    why: 'A cache would answer nearly all of them, so the result flatters the service.',
    advice: `Draw ${many} from data of the size and popularity that production has.`,
  }
}

/** Request bodies that are all the same. */
export const identicalBodies: Reviewer = ({ operations: byOperation }) => {
  const [worst] = [...byOperation]
    .filter(([operation]) => !CREDENTIALS.includes(operation))
    .map(([operation, records]) => ({ operation, sent: records.filter(({ details }) => details.body !== undefined) }))
    .filter(({ sent }) => sent.length >= FEWEST_BODIES && distinct(sent.map(({ details }) => details.body)) === 1)
    .sort((a, b) => b.sent.length - a.sent.length)
  if (worst === undefined) return undefined
  const { operation, sent } = worst
  return {
    id: 'identical-bodies',
    harm: 'medium',
    title: `all ${formatCount(sent.length)} bodies of ${operation} are the same`,
    count: sent.length,
    of: sent.length,
    example: exampleOf(sent[0]!),
    why: 'Equal requests meet the same rows, locks and caches, which real ones do not.',
    advice: 'Vary the bodies by user and iteration.',
  }
}

/** Events that were published more than once. */
export const repeatedEventIds: Reviewer = ({ ledger: { events } }) => {
  if (events.duplicate === 0 || events.duplicate < DUPLICATE_SHARE * events.received) return undefined
  return {
    id: 'repeated-event-ids',
    harm: 'high',
    title: `${formatCount(events.duplicate)} of ${counted(events.received, 'event')} had an event_id that was known already`,
    count: events.duplicate,
    of: events.received,
    why: 'The target acknowledges a repeated event and does nothing: no fan-out, no storage. The rate of events looks higher than it is.',
    advice: 'Give every event an event_id of its own, for example a UUID.',
  }
}

/** One Idempotency-Key with different bodies. */
export const reusedIdempotencyKey: Reviewer = ({ records }) => {
  const byKey = Map.groupBy(
    records.filter(({ details }) => details.idempotencyKey !== undefined),
    // Callers and operations have keys of their own.
    ({ operation, details }) => `${operation} ${details.caller} ${details.idempotencyKey}`,
  )
  const reused = [...byKey.values()].filter(each => distinct(each.map(({ details }) => details.body)) > 1)
  if (reused.length === 0) return undefined
  const count = reused.reduce((sum, { length }) => sum + length, 0)
  return {
    id: 'reused-idempotency-key',
    harm: 'high',
    title: `${formatCount(count)} requests with different bodies shared ${counted(reused.length, 'Idempotency-Key')}`,
    count,
    of: records.length,
    example: exampleOf(reused[0]![1]!),
    why: 'The key names one request and its retries. Another body under the same key is refused.',
    advice: 'Make a new key for each new request, and repeat it only when that request is retried.',
  }
}
