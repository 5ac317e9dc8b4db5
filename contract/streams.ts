import type { Static } from 'typebox'
import { Type } from '../core/schema.ts'

/** Streams that exist before anything was published. */
export const seededStreams = ['orders', 'inventory', 'pricing', 'telemetry'] as const

/** Names of SSE events that concern the stream itself, not one of its events. */
export const controlFrames = { reset: 'reset', lagged: 'lagged' } as const

export const LostEvents = Type.Object({
  stream: Type.String(),
  count: Type.Integer(),
  at_least: Type.Optional(
    Type.Literal(true, {
      description: 'The cursor is so old that the number of lost events before those counted is unknown.',
    }),
  ),
})
export type LostEvents = Static<typeof LostEvents>

/** `event: reset`: the cursor could not be resumed. The frame states the loss; live events follow. */
export const ResetFrame = Type.Object({
  reason: Type.Enum(['epoch_changed', 'retention']),
  lost: Type.Union([Type.Array(LostEvents), Type.Literal('unknown')], {
    description:
      'Per stream, all its events between the cursor and the oldest one still kept; unknown after an epoch change.',
  }),
  cursor: Type.String({ description: 'Where the events that follow begin.' }),
})
export type ResetFrame = Static<typeof ResetFrame>

/** `event: lagged`: the slow-consumer policy dropped frames, and the connection has caught up again. */
export interface LaggedFrame {
  dropped: number
  /** Cursors of the first and the last frame dropped. */
  from: string
  to: string
}

/** Why a stream ended, in the ledger. */
export type CloseReason =
  /** The client ended or vanished. */
  | 'client'
  /** The slow-consumer policy `disconnect` acted. */
  | 'slow_consumer'
  /** The target is stopping. */
  | 'shutdown'
  /** `POST /_loadcell/reset` or `/_loadcell/disconnect`. */
  | 'control'
  /** The token ran out. */
  | 'token_expired'
  /** The same client connected again, and only one connection is allowed. */
  | 'replaced'
  /** The client broke the rules of its protocol, or went past a limit. */
  | 'protocol'
  /** It did not answer pings. */
  | 'silent'
  /** The target failed, or an injected fault cut the connection. */
  | 'fault'

/**
 * Policies for a client whose outbound budget is spent: disconnect it, drop the oldest or the newest queued frames, or keep
 * only the newest frame of each key.
 */
export const slowConsumerPolicies = ['disconnect', 'drop_oldest', 'drop_newest', 'conflate'] as const
export type SlowConsumerPolicy = (typeof slowConsumerPolicies)[number]

/** The reason why a frame was dropped: a policy, or an injected fault. */
export type DropReason = SlowConsumerPolicy | 'injected'
