import type { PublishResponse } from '../../../contract/api/events.ts'
import { headers } from '../../../contract/headers.ts'
import type { Settings } from '../../configuration/settings.ts'
import { ProblemError } from '../../exchange/problem.ts'
import type { RequestExchange } from '../../http/request-exchange.ts'
import type { Once } from '../../idempotency/once.ts'
import { JsonError, readJson } from '../../json/read-json.ts'
import type { Streams } from '../../streams/streams.ts'
import { eventsFollowed } from '../events-followed.ts'
import type { GrpcCalls } from './calls.ts'
import type { ItemProtocol } from './item-protocol.ts'

interface PublishRequest {
  event_type: string
  event_id: string
  partition_key?: string
  source?: string
  timestamp?: number
  data_json: string
}

interface SubscribeRequest {
  streams: string[]
  group: string
  cursor: string
  from: 'LATEST' | 'EARLIEST'
  types: string[]
  partitions: number[]
}

/** Rejected events that a summary lists. */
const MOST_REJECTED = 100

export interface GrpcEventsDependencies {
  calls: GrpcCalls
  streams: Streams
  once: Once
  settings: Settings
  protocol: ItemProtocol
}

/** Serves the streams: the same events, offsets and cursors as over the REST API. */
export function serveEvents({ calls, streams, once, settings, protocol }: GrpcEventsDependencies): void {
  calls.unary('grpc.publish', ['loadcell.v1.PublishRequest', 'loadcell.v1.PublishResponse'], (message, call) => {
    const { request, reply, exchange } = call
    const json = jsonOf(message as PublishRequest)
    exchange.bodyText = json
    const { body, isReplay } = once.answerTo(request, () => ({ status: 202, body: publish(exchange, json) }))
    if (isReplay === true) reply.header(headers.idempotentReplayed, 'true')
    return typeof body === 'string' ? (JSON.parse(body) as object) : body
  })

  calls.serve(
    'grpc.publish_all',
    call => {
      const summary = { accepted_count: 0, duplicate_count: 0, rejected_count: 0, rejected: [] as object[] }
      let index = -1
      calls.receive(call, 'loadcell.v1.PublishRequest', {
        message(message) {
          index += 1
          const event = message as PublishRequest
          try {
            const { duplicate } = publish(call.exchange, jsonOf(event))
            if (duplicate === true) summary.duplicate_count += 1
            else summary.accepted_count += 1
          } catch (error) {
            if (!(error instanceof ProblemError)) throw error
            summary.rejected_count += 1
            if (summary.rejected.length >= MOST_REJECTED) return
            const { code, message: detail } = error
            summary.rejected.push({
              index,
              event_id: event.event_id.slice(0, 256),
              code,
              detail: detail.slice(0, 1000),
            })
          }
        },
        end: () => calls.answer(call, 'loadcell.v1.PublishSummary', summary),
        fail: error => void call.reply.send(error),
      })
    },
    'loadcell.v1.PublishSummary',
  )

  calls.serve('grpc.subscribe', call => {
    calls.one(call, 'loadcell.v1.SubscribeRequest', message => {
      const { streams: names, group, cursor, from, types, partitions } = message as SubscribeRequest
      const tenant = streams.tenant(call.exchange.tenant)
      const asked = {
        streams: names,
        after: cursor || undefined,
        from: from === 'EARLIEST' ? ('earliest' as const) : ('latest' as const),
        types: types.length === 0 ? undefined : types,
        partitions: partitions.length === 0 ? undefined : partitions,
        group: group || undefined,
      }
      const followed = eventsFollowed(asked, tenant.partitions, undefined)
      streams.open({ ...calls.opening(call), tenant, protocol, ...followed })
    })
  })

  /** @throws ProblemError */
  function publish({ tenant, account }: RequestExchange, json: string): PublishResponse {
    let body: unknown
    try {
      body = readJson(json, settings.current.http.jsonDepth)
    } catch (error) {
      account.events.received(1)
      account.events.rejected(1)
      throw error instanceof JsonError ? new ProblemError(error.code, `data_json: ${error.message}`) : error
    }
    return streams.ingestion.publish(streams.tenant(tenant), body, account.events, json)
  }
}

/** Returns the JSON of an event, in which `data` is as it was sent. */
function jsonOf({ data_json: data, ...event }: PublishRequest): string {
  const members: Record<string, unknown> = { event_type: event.event_type, event_id: event.event_id }
  for (const name of ['source', 'timestamp', 'partition_key'] as const) {
    if (event[name] !== undefined) members[name] = event[name]
  }
  return `${JSON.stringify(members).slice(0, -1)},"data":${data.trim() === '' ? '{}' : data}}`
}
