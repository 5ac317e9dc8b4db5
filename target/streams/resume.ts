import type { LostEvents, ResetFrame } from '../../contract/streams.ts'
import { ProblemError } from '../exchange/problem.ts'
import { parseCursor } from './cursor.ts'
import { GroupShare } from './group-share.ts'
import { type Consumer, nextReader, type Reader, StreamReader } from './reader.ts'
import type { Stream } from './stream.ts'
import type { Tenant } from './tenant.ts'
import { quotedStart } from '../../core/quoted-start.ts'

/** Where a consumer wants to begin. */
export type StartPoint = 'latest' | 'earliest' | { cursor: string }

export interface Resumption {
  how: 'live' | 'resumed' | 'reset'
  /** Sent before anything else. */
  reset?: ResetFrame
  /** Opens a reader of each stream. Call it once, before the streams change. */
  open: (consumer: Consumer) => Reader[]
}

/**
 * Finds the place in the streams of a tenant where a consumer continues, and the events it can no longer get. A known group
 * continues at its own place, whatever the consumer asks for.
 * @throws ProblemError `invalid_cursor` if this tenant cannot have issued the cursor
 */
export function resume(tenant: Tenant, streams: readonly Stream[], start: StartPoint, group?: string): Resumption {
  const knownGroups = streams.map(stream => (group === undefined ? undefined : stream.group(group)))
  const begun = streams.filter((_, index) => knownGroups[index] === undefined)
  const { how, after, reset, lost } = placeOf(tenant, begun, start)
  return {
    how,
    ...(reset && { reset }),
    open: consumer =>
      streams.map((stream, index) => {
        const known = knownGroups[index]
        if (known !== undefined) return new GroupShare(stream, known, consumer, 0)
        const lostHere = lost.find(({ stream: name }) => name === stream.name)?.count ?? 0
        if (group === undefined) return new StreamReader(stream, consumer, after, lostHere)
        return new GroupShare(stream, stream.newGroup(group, after), consumer, lostHere)
      }),
  }
}

/** Returns the cursor just before the event that is read next. */
export function cursorBefore(tenant: Tenant, readers: readonly Reader[]): string {
  return tenant.cursor((nextReader(readers)?.peek()?.sequence ?? tenant.sequence + 1) - 1)
}

interface Place extends Pick<Resumption, 'how' | 'reset'> {
  /** Sequence after which it begins. */
  after: number
  lost: LostEvents[]
}

function placeOf(tenant: Tenant, streams: readonly Stream[], start: StartPoint): Place {
  if (start === 'latest') return { how: 'live', after: tenant.sequence, lost: [] }
  if (start === 'earliest') return { how: 'live', after: 0, lost: [] }
  const cursor = parseCursor(start.cursor)
  if (cursor === undefined) {
    throw new ProblemError('invalid_cursor', `${quotedStart(start.cursor)} is not a cursor`)
  }
  // All kept events are new to a consumer from another epoch.
  if (cursor.epoch !== tenant.epoch) {
    const reset: ResetFrame = { reason: 'epoch_changed', lost: 'unknown', cursor: firstCursor(tenant, streams, 0) }
    return { how: 'reset', after: 0, lost: [], reset }
  }
  const { sequence } = cursor
  if (sequence > tenant.sequence) {
    throw new ProblemError(
      'invalid_cursor',
      `${start.cursor} is ahead of the newest event, ${tenant.cursor(tenant.sequence)}`,
    )
  }
  const lost = lostAfter(streams, sequence)
  if (lost.length === 0) return { how: 'resumed', after: sequence, lost }
  const reset: ResetFrame = { reason: 'retention', lost, cursor: firstCursor(tenant, streams, sequence) }
  return { how: 'reset', after: sequence, lost, reset }
}

/** Returns the cursor just before the first event that is kept after this sequence. */
function firstCursor(tenant: Tenant, streams: readonly Stream[], after: number): string {
  const kept = streams.map(({ history }) => history.at(history.ordinalAfter(after))?.sequence ?? tenant.sequence + 1)
  return tenant.cursor(Math.min(tenant.sequence + 1, ...kept) - 1)
}

function lostAfter(streams: readonly Stream[], sequence: number): LostEvents[] {
  const lost: LostEvents[] = []
  for (const { name, history } of streams) {
    const { count, atLeast } = history.lostAfter(sequence)
    if (count > 0) lost.push({ stream: name, count, ...(atLeast && { at_least: true }) })
  }
  return lost
}
