import type { EventPlace, MessagePlace } from '../../contract/graphql/protocol.ts'

/** A frame as it was parsed. Its fields may be missing or of any type. */
export type ParsedFrame = Readonly<Record<string, unknown>>

/** The place that a result names in its extensions, as Loadcell's target writes it. */
interface NamedPlace {
  event?: EventPlace
  message?: MessagePlace
  reset?: { cursor?: unknown }
  lagged?: unknown
}

/**
 * Returns the event in a result of a subscription, with its place, as far as the server tells: Loadcell in the extensions of the
 * result, others perhaps in fields of the event. Returns undefined for a result that concerns the subscription itself.
 */
export function openedPayload(payload: unknown): ParsedFrame | undefined {
  const { data, extensions } = (objectIn(payload) ?? {}) as { data?: unknown; extensions?: unknown }
  const { event, message, reset, lagged } = (objectIn(extensions) ?? {}) as NamedPlace
  if (reset !== undefined || lagged !== undefined) return undefined
  const fields = firstFieldOf(data)
  const timestamp = fields?.['timestamp'] ?? fields?.['sentAt'] ?? fields?.['createdAt']
  const type = 'next'
  if (event !== undefined)
    return { type, timestamp, place: `${event.stream}/${event.partition}`, sequence: event.offset }
  if (message !== undefined) return { type, timestamp, place: message.channel, sequence: message.sequence }
  const name = textIn(fields?.['channel'] ?? fields?.['topic'] ?? fields?.['stream'])
  const partition = textIn(fields?.['partition'])
  const sequence = fields?.['offset'] ?? fields?.['sequence']
  return { type, timestamp, place: partition === '' ? name : `${name}/${partition}`, sequence }
}

/**
 * Returns a result of a subscription as an event of a stream; `reset` for a control result that moves the subscription, and
 * undefined for any other.
 */
export function streamEventIn(payload: unknown): ParsedFrame | 'reset' | undefined {
  const { event, message, reset } = (objectIn((objectIn(payload) ?? {})['extensions']) ?? {}) as NamedPlace
  if (reset !== undefined) return 'reset'
  const opened = openedPayload(payload)
  if (opened === undefined) return undefined
  const { timestamp } = opened
  if (event !== undefined) return { ...event, timestamp }
  if (message !== undefined) {
    return { stream: roomStreamOf(message.channel), partition: 0, offset: message.sequence, timestamp }
  }
  return { stream: String(opened['place']), partition: 0, offset: opened['sequence'], timestamp }
}

/** Name under which both ends count the messages of a room among streams. */
function roomStreamOf(channel: string): string {
  return `chat:${channel}`
}

/** Returns the cursor after which a subscription resumes: that of its last event, or of a reset. */
export function cursorIn(payload: unknown): string | undefined {
  const { event, reset } = (objectIn((objectIn(payload) ?? {})['extensions']) ?? {}) as NamedPlace
  const cursor = event?.cursor ?? reset?.cursor
  return typeof cursor === 'string' ? cursor : undefined
}

function textIn(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

/** A subscription has one field. */
function firstFieldOf(data: unknown): ParsedFrame | undefined {
  for (const value of Object.values(objectIn(data) ?? {})) return objectIn(value)
  return undefined
}

function objectIn(value: unknown): ParsedFrame | undefined {
  return typeof value === 'object' && value !== null ? (value as ParsedFrame) : undefined
}
