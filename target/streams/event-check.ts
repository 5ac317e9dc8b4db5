import type { Static } from 'typebox'
import { EventEnvelope, eventData } from '../../contract/api/events.ts'
import { checker, type Checker, type PointedError } from '../../core/check.ts'
import { areOfNames } from '../../contract/name.ts'
import { controlFrames } from '../../contract/streams.ts'

export type EventProblemCode = 'invalid_request' | 'invalid_name' | 'invalid_event' | 'unknown_event_type'

export interface EventProblem {
  code: EventProblemCode
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
    if (reservedTypes.has(type)) return refuse('invalid_event', `a type that is not a control frame's, got "${type}"`)
    if (unknownTypes === 'accept') return { event }
    return refuse('unknown_event_type', `one of ${[...dataByType.keys()].join(', ')}, got "${type}"`)
  }
  if (data.check(event.data)) return { event }
  const errors = data.errors(event.data).map(({ pointer, detail }) => ({ pointer: `/data${pointer}`, detail }))
  return { problem: { code: 'invalid_event', errors } }
}

/** Returns the event with its key as text. Consumers get the key as it was sent. */
function withTextKey(event: Static<typeof EventEnvelope>): EventEnvelope {
  if (event.partition_key === undefined || typeof event.partition_key === 'string') return event as EventEnvelope
  const { partition_key: key, ...rest } = event
  return key === null ? rest : { ...rest, partition_key: String(key) }
}

/** Returns the problems with the fields that all events have, or with the request around the events. */
export function envelopeProblem(errors: PointedError[]): EventProblem {
  return { code: areOfNames(errors) ? 'invalid_name' : 'invalid_request', errors }
}

function refuse(code: EventProblemCode, expected: string): { problem: EventProblem } {
  return { problem: { code, errors: [{ pointer: '/event_type', detail: `expected ${expected}` }] } }
}
