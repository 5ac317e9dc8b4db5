import type { TObject, TSchema } from 'typebox'
import type { Operation } from '../../contract/api/operation.ts'
import {
  isSocketOperation,
  type KnownOperation,
  operations,
  streamingOperations,
} from '../../contract/api/operations.ts'
import type { LedgerReport } from '../../contract/ledger.ts'
import { Histogram } from '../../core/histogram.ts'

/** The requests of a script in a run without faults, by the ways in which they can be affected. */
export interface ScriptTraffic {
  /** Requested operations that answer and are over. Those that get tokens only if there is nothing else. */
  requests: KnownOperation[]
  /** Among them: those whose answers are JSON, lists, or about the id in their path, and those that a token admits. */
  json: KnownOperation[]
  lists: KnownOperation[]
  byId: KnownOperation[]
  admitted: KnownOperation[]
  /** Streams and WebSockets that were opened, those that events came over, and those over which the client asked for something. */
  open: KnownOperation[]
  delivering: KnownOperation[]
  asking: KnownOperation[]
  /** Jobs that were queued. */
  jobs: number
  /** 99th percentile of the time until the last byte, over `requests`. */
  p99Ms: number
}

export function trafficOf(ledger: LedgerReport): ScriptTraffic {
  const requested = ledger.operations
    .filter(({ arrivals }) => arrivals > 0)
    .map(({ operation }) => operation)
    .filter(operation => operation !== 'unmatched')
  const open = requested.filter(staysOpen)
  const answered = requested.filter(operation => !staysOpen(operation))
  const work = answered.filter(operation => !/^(auth|oauth)\./.test(operation))
  const requests = work.length > 0 || open.length > 0 ? work : answered
  const hasTokens = requested.includes('auth.login') || requested.includes('oauth.token')
  // A refusal is no list, and about no id.
  const served = requests.filter(operation => isServed(ledger, operation))
  const { endpoints } = ledger.sockets
  const hasStreamed = ledger.streams.deliveries.some(({ delivered, polled }) => delivered > polled)
  return {
    requests,
    json: requests.filter(operation => answerSchemas(operation).length > 0),
    lists: served.filter(operation => operations[operation].method === 'GET' && answerSchemas(operation).some(isList)),
    byId: served.filter(operation => isAboutItsId(operation)),
    admitted: requests.filter(operation => mayHaveToken(operation, hasTokens)),
    open,
    delivering: [
      ...(hasStreamed ? open.filter(operation => streamingOperations.includes(operation)) : []),
      ...endpoints.filter(({ delivered }) => delivered > 0).map(({ operation }) => operation),
    ],
    asking: endpoints.filter(({ received }) => received > 0).map(({ operation }) => operation),
    jobs: ledger.reports.queued,
    p99Ms: p99Of(ledger, requests),
  }
}

function isServed({ operations }: LedgerReport, name: KnownOperation): boolean {
  const { statuses = {} } = operations.find(({ operation }) => operation === name) ?? {}
  return Object.entries(statuses).some(([status, count]) => Number(status) < 300 && count > 0)
}

/** Guests need no token for some operations, and a client that has one shows it there as well. */
function mayHaveToken(operation: KnownOperation, hasTokens: boolean): boolean {
  const { kind } = operations[operation].access
  return kind === 'bearer' || (kind === 'guest' && hasTokens)
}

function staysOpen(operation: KnownOperation): boolean {
  return isSocketOperation(operation) || streamingOperations.includes(operation)
}

/** Schemas of the JSON that tells of a success. */
function answerSchemas(name: KnownOperation): TSchema[] {
  const { answers }: Operation = operations[name]
  return Object.entries(answers)
    .filter(([status]) => Number(status) < 300)
    .flatMap(([, { schema }]) => (schema === undefined ? [] : [schema]))
}

function isList(schema: TSchema): boolean {
  const { properties = {} } = schema as Partial<TObject>
  // Not the items of an order: the answer is a list when nothing in it is called an id.
  return !('id' in properties) && Object.values(properties).some(each => 'type' in each && each.type === 'array')
}

function isAboutItsId(name: KnownOperation): boolean {
  const { method, path }: Operation = operations[name]
  return /\{(id|job_id)\}$/.test(path) && ['GET', 'PATCH', 'PUT'].includes(method) && answerSchemas(name).length > 0
}

function p99Of(ledger: LedgerReport, requests: readonly KnownOperation[]): number {
  const all = new Histogram()
  for (const { operation, lastByte } of ledger.operations) {
    if (operation !== 'unmatched' && requests.includes(operation)) all.merge(Histogram.fromJSON(lastByte))
  }
  return all.count === 0 ? 0 : all.percentile(99)
}
