import { randomUUID } from 'node:crypto'
import type { Static } from 'typebox'
import {
  BatchRequest,
  type BatchResponse,
  EventEnvelope,
  eventData,
  type PublishResponse,
  streamOf,
} from '../../contract/api/events.ts'
import { areOfNames } from '../../contract/name.ts'
import { controlFrames } from '../../contract/streams.ts'
import { type Checker, checker, type PointedError, isObject } from '../../core/check.ts'
import { type Clock, preciseWallTime } from '../../core/clock.ts'
import type { ProblemCode } from '../../contract/problem.ts'
import type { Settings } from '../configuration/settings.ts'
import type { EventsBook } from '../exchange/account.ts'
import { ProblemError } from '../exchange/problem.ts'
import type { JsonItem, JsonWithItems } from '../json/items.ts'
import { detached } from '../json/members.ts'
import type { LiveLimits } from './limits.ts'
import type { Tenant } from './tenant.ts'

export interface IngestionDependencies {
  settings: Settings
  limits: LiveLimits
  clock: Clock
  onAccepted: AcceptedListener | undefined
}

/** Called with each published event once it is in its stream: its tenant, the event, and its JSON. */
export type AcceptedListener = (tenant: string, event: EventEnvelope, source: string) => void

const batchRequest = checker(BatchRequest)

/** Ingests events: checks them, detects duplicates, and appends the rest to their streams. */
export class Ingestion {
  readonly #dependencies: IngestionDependencies

  constructor(dependencies: IngestionDependencies) {
    this.#dependencies = dependencies
  }

  /** @param source JSON of the body @throws ProblemError if the event is refused */
  publish(tenant: Tenant, body: unknown, book: EventsBook, source: string): PublishResponse {
    const { settings, clock } = this.#dependencies
    if (isObject(body)) book.received(1)
    try {
      const checked = checkEvent(body, settings.current.events.unknownTypes)
      if ('problem' in checked) throw refusal(checked.problem)
      const { event } = checked
      const { position, duplicate } = this.#accept(tenant, event, preciseWallTime(clock), book, source)
      const { stream, partition, offset, publishedAt } = position
      const response: PublishResponse = {
        event_id: event.event_id,
        stream,
        partition,
        offset,
        accepted_at: publishedAt,
      }
      if (duplicate) response.duplicate = true
      return response
    } catch (error) {
      if (isObject(body)) book.rejected(1)
      throw error
    }
  }

  /** @throws ProblemError if the batch is refused as a whole. Refused events are listed in the answer instead */
  batch(tenant: Tenant, { value: body, items }: JsonWithItems, book: EventsBook): BatchResponse {
    const { settings, clock } = this.#dependencies
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
      const { text, error } = items[index] as JsonItem
      const checked = error === undefined ? checkEvent(value, unknownTypes) : { problem: error }
      if ('problem' in checked) {
        rejected.push(rejection(index, value, checked.problem))
        continue
      }
      try {
        if (this.#accept(tenant, checked.event, now, book, detached(text), batchStream).duplicate) duplicates += 1
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error
        rejected.push(rejection(index, value, error))
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
  }

  /** Appends a checked event to its stream unless it is a duplicate. */
  #accept(tenant: Tenant, event: EventEnvelope, now: number, book: EventsBook, source: string, batchStream?: string) {
    const { limits, onAccepted } = this.#dependencies
    const bounds = limits.current.dedupe
    const known = tenant.dedupe.find(event.event_id, now, bounds)
    if (known !== undefined) {
      book.duplicate()
      return { position: known, duplicate: true }
    }
    const position = tenant.append(event, tenant.stream(streamOf(event.event_type, batchStream)), now, source)
    tenant.dedupe.add(event.event_id, position, bounds)
    onAccepted?.(tenant.name, event, source)
    book.accepted(position.stream)
    return { position, duplicate: false }
  }
}

function checkBatch(body: unknown, mostEvents: number): asserts body is BatchRequest {
  if (!batchRequest.check(body)) throw refusal(envelopeProblem(batchRequest.errors(body)))
  if (body.events.length > mostEvents) {
    throw new ProblemError('batch_too_large', `expected at most ${mostEvents} events, got ${body.events.length}`)
  }
}

function rejection(
  index: number,
  value: unknown,
  { code, message: detail }: { code: ProblemCode; message: string },
): BatchResponse['rejected'][number] {
  const id = isObject(value) ? value['event_id'] : undefined
  return { index, ...(typeof id === 'string' && { event_id: id.slice(0, 256) }), code, detail }
}

interface EventProblem {
  code: 'invalid_request' | 'invalid_name' | 'invalid_event' | 'unknown_event_type'
  message: string
  errors: PointedError[]
}

const envelope = checker(EventEnvelope)
const dataByType = new Map<string, Checker<unknown>>(
  Object.entries(eventData).map(([type, schema]) => [type, checker(schema)]),
)
const reservedTypes = new Set<string>(Object.values(controlFrames))

/** Returns the event or its errors: first the envelope is checked, then `data` by its type. */
export function checkEvent(
  value: unknown,
  unknownTypes: 'accept' | 'reject',
): { event: EventEnvelope } | { problem: EventProblem } {
  if (!envelope.check(value)) return { problem: envelopeProblem(envelope.errors(value)) }
  const event = withTextKey(value)
  const type = event.event_type
  const data = dataByType.get(type)
  if (data === undefined) {
    if (reservedTypes.has(type)) {
      return { problem: typeProblem('invalid_event', `a type other than those of control frames, got "${type}"`) }
    }
    if (unknownTypes === 'accept') return { event }
    const known = [...dataByType.keys()].join(', ')
    return { problem: typeProblem('unknown_event_type', `one of ${known}, got "${type}"`) }
  }
  if (data.check(event.data)) return { event }
  const errors = data.errors(event.data).map(({ pointer, detail }) => ({ pointer: `/data${pointer}`, detail }))
  return { problem: problemOf('invalid_event', errors) }
}

/** Returns the event with its key as text. Consumers get the key as it was sent. */
function withTextKey(event: Static<typeof EventEnvelope>): EventEnvelope {
  if (event.partition_key === undefined || typeof event.partition_key === 'string') return event as EventEnvelope
  const { partition_key: key, ...rest } = event
  return key === null ? rest : { ...rest, partition_key: String(key) }
}

/** Returns the problem with the fields that all events have, or with the request around the events. */
function envelopeProblem(errors: PointedError[]): EventProblem {
  return problemOf(areOfNames(errors) ? 'invalid_name' : 'invalid_request', errors)
}

function typeProblem(code: EventProblem['code'], expected: string): EventProblem {
  return problemOf(code, [{ pointer: '/event_type', detail: `expected ${expected}` }])
}

function problemOf(code: EventProblem['code'], errors: PointedError[]): EventProblem {
  const texts = errors.map(({ pointer, detail }) => `${pointer === '' ? 'the value' : pointer}: ${detail}`)
  return { code, message: texts.join('; '), errors }
}

function refusal({ code, message, errors }: EventProblem): ProblemError {
  return new ProblemError(code, message, { errors })
}
