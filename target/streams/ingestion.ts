import { randomUUID } from 'node:crypto'
import {
  BatchRequest,
  type BatchResponse,
  type EventEnvelope,
  type PublishResponse,
  streamOf,
} from '../../contract/api/events.ts'
import { checker } from '../../core/check.ts'
import type { ProblemCode } from '../../contract/problem.ts'
import { type Clock, preciseWallTime } from '../../core/clock.ts'
import type { Settings } from '../configuration/settings.ts'
import { ProblemError } from '../exchange/problem.ts'
import type { JsonItem, JsonWithItems } from '../json/items.ts'
import { detached } from '../json/members.ts'
import type { EventsBook } from '../exchange/account.ts'
import type { Position } from './event.ts'
import type { LiveLimits } from './limits.ts'
import type { Tenant } from './tenant.ts'
import { checkEvent, envelopeProblem } from './event-check.ts'

/** Ingests events: checks them, detects duplicates, and appends the rest to their streams. */
export interface Ingestion {
  /** @param source JSON of the body @throws ProblemError if the event is refused */
  publish(tenant: Tenant, body: unknown, book: EventsBook, source: string): PublishResponse
  /** @throws ProblemError if the batch is refused as a whole. A batch of bad events is not: the answer says so */
  batch(tenant: Tenant, body: JsonWithItems, book: EventsBook): BatchResponse
}

export interface IngestionDependencies {
  settings: Settings
  limits: LiveLimits
  clock: Clock
  /** Called with each event once it is in its stream. */
  onAccepted?: AcceptedListener
}

/** Called with every published event, its tenant, and the JSON of the event. */
export type AcceptedListener = (tenant: string, event: EventEnvelope, source: string) => void

const batchRequest = checker(BatchRequest)

export function createIngestion({ settings, limits, clock, onAccepted }: IngestionDependencies): Ingestion {
  /** Appends a checked event to its stream unless it is a duplicate. */
  function accept(
    tenant: Tenant,
    event: EventEnvelope,
    now: number,
    { batchStream, source }: { batchStream?: string; source: string },
  ): Acceptance {
    const bounds = limits.current.dedupe
    const known = tenant.dedupe.find(event.event_id, now, bounds)
    if (known !== undefined) return { position: known, duplicate: true }
    const position = tenant.append(event, tenant.stream(streamOf(event.event_type, batchStream)), now, source)
    tenant.dedupe.add(event.event_id, position, bounds)
    onAccepted?.(tenant.name, event, source)
    return { position, duplicate: false }
  }

  return {
    publish(tenant, body, book, source) {
      if (isObject(body)) book.received(1)
      try {
        const checked = checkEvent(body, settings.current.events.unknownTypes)
        if ('problem' in checked) throw refusal(checked.problem)
        const { position, duplicate } = accept(tenant, checked.event, preciseWallTime(clock), { source })
        if (duplicate) book.duplicate()
        else book.accepted(position.stream)
        return published(checked.event, position, duplicate)
      } catch (error) {
        if (isObject(body)) book.rejected(1)
        throw error
      }
    },

    batch(tenant, { value: body, items }, book) {
      const sent = isObject(body) && Array.isArray(body['events']) ? body['events'].length : 0
      book.received(sent)
      try {
        checkBatch(body, settings.current.events.batchEvents)
      } catch (error) {
        book.rejected(sent)
        throw error
      }
      const { stream: batchStream, events } = body
      const { unknownTypes } = settings.current.events
      const now = preciseWallTime(clock)
      const rejected: BatchResponse['rejected'] = []
      let duplicates = 0
      for (const [index, value] of events.entries()) {
        const item = items[index] as JsonItem
        if (item.error !== undefined) {
          rejected.push(rejection(index, value, item.error.code, item.error.message))
          continue
        }
        const checked = checkEvent(value, unknownTypes)
        if ('problem' in checked) {
          rejected.push(rejection(index, value, checked.problem.code, inWords(checked.problem)))
          continue
        }
        try {
          const { position, duplicate } = accept(tenant, checked.event, now, {
            batchStream,
            source: detached(item.text),
          })
          if (duplicate) {
            book.duplicate()
            duplicates += 1
          } else book.accepted(position.stream)
        } catch (error) {
          if (!(error instanceof ProblemError)) throw error
          rejected.push(rejection(index, value, error.code, error.message))
        }
      }
      book.rejected(rejected.length)
      return {
        batch_id: randomUUID(),
        accepted_count: events.length - rejected.length - duplicates,
        rejected_count: rejected.length,
        duplicate_count: duplicates,
        rejected,
      }
    },
  }
}

interface Acceptance {
  position: Position
  duplicate: boolean
}

function checkBatch(body: unknown, mostEvents: number): asserts body is BatchRequest {
  if (!batchRequest.check(body)) throw refusal(envelopeProblem(batchRequest.errors(body)))
  if (body.events.length > mostEvents) {
    throw new ProblemError('batch_too_large', `expected at most ${mostEvents} events, got ${body.events.length}`)
  }
}

function published({ event_id }: EventEnvelope, position: Position, duplicate: boolean): PublishResponse {
  const { stream, partition, offset, publishedAt } = position
  const response: PublishResponse = { event_id, stream, partition, offset, accepted_at: publishedAt }
  if (duplicate) response.duplicate = true
  return response
}

function rejection(
  index: number,
  value: unknown,
  code: ProblemCode,
  detail: string,
): BatchResponse['rejected'][number] {
  const id = isObject(value) ? value['event_id'] : undefined
  return { index, ...(typeof id === 'string' && { event_id: id.slice(0, 256) }), code, detail }
}

interface Refused {
  code: ProblemCode
  errors: { pointer: string; detail: string }[]
}

function refusal(problem: Refused): ProblemError {
  return new ProblemError(problem.code, inWords(problem), { errors: problem.errors })
}

function inWords({ errors }: Refused): string {
  return errors.map(({ pointer, detail }) => `${pointer === '' ? 'the value' : pointer}: ${detail}`).join('; ')
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
