import { quotedStart } from '../../core/quoted-start.ts'
import { isName, nameRule } from '../../contract/name.ts'
import { ProblemError } from '../exchange/problem.ts'
import type { Filter } from '../streams/event.ts'
import type { StartPoint } from '../streams/resume.ts'

/** A subscription to events in the terms of `Streams`. */
export interface EventsFollowed {
  streams: readonly string[]
  filter: Filter | undefined
  group: string | undefined
  start: StartPoint
}

/** The events that a client asks to follow. */
interface AskedEvents {
  streams: readonly string[]
  after?: string | null | undefined
  from?: 'latest' | 'earliest' | null | undefined
  types?: readonly string[] | null | undefined
  partitions?: readonly number[] | null | undefined
  group?: string | null | undefined
}

/**
 * Reads the arguments of a subscription to events.
 * @param resumeAt cursor of a client that reconnects; it goes before the arguments
 * @throws ProblemError
 */
export function eventsFollowed(
  { streams, after, from, types, partitions, group }: AskedEvents,
  partitionCount: number,
  resumeAt: string | undefined,
): EventsFollowed {
  if (streams.length === 0) throw new ProblemError('invalid_request', 'streams: expected at least one stream, got none')
  for (const name of [...streams, ...(types ?? []), ...(group == null ? [] : [group])]) checkName(name)
  for (const partition of partitions ?? []) {
    if (partition >= 0 && partition < partitionCount) continue
    throw new ProblemError(
      'invalid_request',
      `partitions: expected partitions from 0 to ${partitionCount - 1}, got ${partition}`,
    )
  }
  const cursor = resumeAt ?? after ?? undefined
  const filter =
    partitions == null && types == null
      ? undefined
      : {
          ...(partitions != null && { partitions: new Set(partitions) }),
          ...(types != null && { types: new Set(types) }),
        }
  return {
    streams: [...new Set(streams)],
    filter,
    group: group ?? undefined,
    start: cursor === undefined ? (from ?? 'latest') : { cursor },
  }
}

function checkName(name: string): void {
  if (isName(name)) return
  throw new ProblemError('invalid_name', `expected ${nameRule}, got ${quotedStart(name)}`)
}
