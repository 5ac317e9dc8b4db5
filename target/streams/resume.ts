import type { LostEvents, ResetFrame } from '../../contract/streams.ts'
import { ProblemError } from '../problem.ts'
import { parseCursor } from './cursor.ts'
import { Replay } from './replay.ts'
import type { Stream } from './stream.ts'
import type { Tenant } from './tenant.ts'

/** Where a subscriber wants to begin. */
export type StartPoint = 'latest' | 'earliest' | { cursor: string }

export interface Resumption {
  how: 'live' | 'resumed' | 'reset'
  /** Said before anything else. */
  reset?: ResetFrame
  /** What is kept after the start point; live events follow it. */
  replay: Replay
}

/**
 * Finds the place in the streams of a tenant where a subscriber goes on, and says honestly what is no longer there.
 * @throws ProblemError `invalid_cursor` for what this tenant cannot have given out.
 */
export function resume(tenant: Tenant, streams: readonly Stream[], start: StartPoint): Resumption {
  if (start === 'latest') return { how: 'live', replay: new Replay(streams, tenant.sequence) }
  if (start === 'earliest') return { how: 'live', replay: new Replay(streams, 0) }
  const cursor = parseCursor(start.cursor)
  if (cursor === undefined) {
    throw new ProblemError('invalid_cursor', `${JSON.stringify(start.cursor.slice(0, 80))} is not a cursor`)
  }
  // Everything kept in another epoch is new to whoever comes from this one.
  if (cursor.epoch !== tenant.epoch) return resetTo(tenant, new Replay(streams, 0), 'epoch_changed', 'unknown')
  if (cursor.sequence > tenant.sequence) {
    throw new ProblemError(
      'invalid_cursor',
      `${start.cursor} is ahead of the newest event, ${tenant.cursor(tenant.sequence)}`,
    )
  }
  const replay = new Replay(streams, cursor.sequence)
  const lost = lostAfter(streams, cursor.sequence)
  return lost.length === 0 ? { how: 'resumed', replay } : resetTo(tenant, replay, 'retention', lost)
}

/** The cursor just before what the replay will read next. */
export function cursorBefore(tenant: Tenant, replay: Replay): string {
  return tenant.cursor((replay.peek()?.sequence ?? tenant.sequence + 1) - 1)
}

function resetTo(tenant: Tenant, replay: Replay, reason: ResetFrame['reason'], lost: ResetFrame['lost']): Resumption {
  return { how: 'reset', reset: { reason, lost, cursor: cursorBefore(tenant, replay) }, replay }
}

function lostAfter(streams: readonly Stream[], sequence: number): LostEvents[] {
  const lost: LostEvents[] = []
  for (const { name, history } of streams) {
    const { count, atLeast } = history.lostAfter(sequence)
    if (count > 0) lost.push({ stream: name, count, ...(atLeast && { at_least: true }) })
  }
  return lost
}
