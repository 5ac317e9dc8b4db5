import type { Static } from 'typebox'
import { Type } from '../../core/schema.ts'
import { variant } from '../../core/check.ts'
import { DistributionValue, DurationValue } from '../../core/distributions/value.ts'

/** Before the handler, the request has had no effect. After it, only the answer is lost. */
const at = Type.Optional(Type.Enum(['before_handler', 'after_handler']))

/** Faults of an HTTP exchange, handshakes included. */
export const requestFaults = {
  delay: variant('delay', {
    /**
     * `between_chunks` and `per_message` hold back each piece of a streamed answer, in order. Default
     * `before_handler`.
     */
    at: Type.Optional(Type.Enum(['before_handler', 'before_first_byte', 'between_chunks', 'per_message'])),
    distribution: DistributionValue,
  }),
  status: variant('status', {
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    at,
    /** An object is sent as JSON, text unchanged. Default: a problem document. */
    body: Type.Optional(Type.Union([Type.String({ maxLength: 65_536 }), Type.Record(Type.String(), Type.Unknown())])),
    retryAfter: Type.Optional(DurationValue),
  }),
  /** The connection ends with a RST. */
  reset: variant('reset', {
    at,
    /** After the handler only: number of bytes of the answer's body that are sent first. */
    afterBytes: Type.Optional(Type.Integer({ minimum: 0 })),
  }),
  /** No answer ever comes; the connection stays open for as long as the client waits. */
  hang: variant('hang', { at }),
  /** The answer's body ends after this number of bytes, and the connection with it. */
  close_early: variant('close_early', {
    afterBytes: Type.Integer({ minimum: 0 }),
    /**
     * `right`: the length of the whole answer, so that the body is too short. `wrong`: the length of the bytes that are sent,
     * so that it looks complete.
     */
    contentLength: Type.Optional(Type.Enum(['right', 'wrong'])),
  }),
  /** The answer's body is sent at this pace. */
  dribble: variant('dribble', {
    bytesPerSecond: Type.Integer({ minimum: 1 }),
    /** Bytes that are sent at a time. */
    pieceBytes: Type.Optional(Type.Integer({ minimum: 1 })),
  }),
  corrupt: variant('corrupt', {
    /** The status stays as it is, and `Content-Length` fits. */
    how: Type.Enum([
      'invalid_json',
      'truncated_json',
      'missing_field',
      'null_field',
      'wrong_id',
      'empty_list',
      'error_body',
      'empty_body',
      'wrong_content_type',
      'bit_flips',
    ]),
    /** Only for `bit_flips`. */
    flips: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
  }),
  /** The event loop of the whole target is blocked, as by garbage collection. */
  stall: variant('stall', { duration: DistributionValue }),
  /** A queue with servers. Rules may share a `station`; only one of them has its settings. */
  capacity: variant('capacity', {
    station: Type.Optional(Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_-]{0,63}$' })),
    servers: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
    service: Type.Optional(DistributionValue),
    /** Maximum number of exchanges that may wait; it cannot be unlimited. Default 1,000. */
    queue: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
    discipline: Type.Optional(Type.Enum(['fifo', 'lifo', 'random'])),
    /** An exchange that has waited this long is turned away, as in `onFull`. */
    timeout: Type.Optional(DurationValue),
    /** The answer to an exchange that finds the queue full. Default a 503. */
    onFull: Type.Optional(Type.Enum(['status', 'hang', 'reset'])),
  }),
}

/** Faults of a stream or a WebSocket while it is open. */
export const streamFaults = {
  /** The message is dropped; the ledger counts it. */
  drop: variant('drop'),
  duplicate: variant('duplicate', { copies: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })) }),
  /** The message is sent after this number of later ones, or after a second if there are none. */
  reorder: variant('reorder', { distance: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })) }),
  /** No keep-alive comments, no pings, no pongs. */
  mute_heartbeats: variant('mute_heartbeats'),
  /** Cuts the connection: at once, or after a number of messages or a time. */
  disconnect: variant('disconnect', {
    /** Close code of a WebSocket. Without one there is no close frame: the connection is reset. */
    code: Type.Optional(Type.Integer({ minimum: 1000, maximum: 4999 })),
    afterMessages: Type.Optional(Type.Integer({ minimum: 0 })),
    after: Type.Optional(DistributionValue),
  }),
  /** Makes the message invalid JSON. */
  malformed: variant('malformed'),
  /** The request is carried out, but the answer that confirms it is never sent. */
  partial_ack: variant('partial_ack'),
  /** The answer that confirms a request names another message or channel. */
  misdirected_ack: variant('misdirected_ack'),
}

/** Faults of the TLS handshake of a connection, before there is any request. */
export const handshakeFaults = {
  /** The handshake is answered after this time. */
  slow_handshake: variant('slow_handshake', { distribution: DistributionValue }),
  /** The target shows a certificate that its clients should refuse. */
  certificate: variant('certificate', {
    /** `untrusted`: of an authority that nobody knows. */
    how: Type.Enum(['expired', 'wrong_name', 'untrusted']),
  }),
}

/** The schema of each fault, by its `type`. */
export const faults = { ...requestFaults, ...streamFaults, ...handshakeFaults }
export type FaultType = keyof typeof faults
export type FaultOf<Type extends FaultType> = Static<(typeof faults)[Type]>
export type Fault = { [Type in FaultType]: FaultOf<Type> }[FaultType]

/** The members of every fault. The schema of its type is checked separately, so that errors concern that type only. */
export const Fault = Type.Unsafe<Fault>(
  Type.Object(
    { type: Type.String({ expected: "the name of a fault, such as 'delay'" }) },
    { expected: 'a fault such as {type: delay, distribution: 20ms}' },
  ),
)

/** Scopes of a decision: an HTTP exchange, a whole connection, each message of one, or a TLS handshake. The first is the default. */
export const faultScopes = {
  delay: ['request', 'message'],
  status: ['request'],
  reset: ['request'],
  hang: ['request'],
  close_early: ['request'],
  dribble: ['request'],
  corrupt: ['request'],
  stall: ['request', 'message'],
  capacity: ['request'],
  drop: ['message'],
  duplicate: ['message'],
  reorder: ['message'],
  mute_heartbeats: ['connection'],
  disconnect: ['connection'],
  malformed: ['message'],
  partial_ack: ['message'],
  misdirected_ack: ['message'],
  slow_handshake: ['handshake'],
  certificate: ['handshake'],
} as const satisfies Record<FaultType, readonly FaultScope[]>
export type FaultScope = 'request' | 'connection' | 'message' | 'handshake'

/** The distribution of the times that a fault takes, if it takes any. */
export function distributionOf(fault: Fault): DistributionValue | undefined {
  if (fault.type === 'delay' || fault.type === 'slow_handshake') return fault.distribution
  if (fault.type === 'stall') return fault.duration
  if (fault.type === 'capacity') return fault.service
  return fault.type === 'disconnect' ? fault.after : undefined
}
