import type { Metadata, StatusObject } from '@grpc/grpc-js'
import { type GrpcStatus, grpcStatusOf } from '../../../contract/grpc/status.ts'
import type { GrpcDetail, GrpcEnding } from '../../scenario/grpc.ts'
import type { Tags } from '../../metrics/catalog.ts'
import type { TagsCache } from '../address/tags.ts'
import { type ExchangeFailure, failureOf, interrupted } from '../engine/failure.ts'
import { type CallHere, isLocalEnding } from './local-endings.ts'

/** Reads a message of the target by its full name; undefined for an unknown one. */
export type Deserializer = (name: string) => ((bytes: Buffer) => object) | undefined

/** How a call ended, and who says so. */
export interface CallEnding extends GrpcEnding {
  /** Whether the server sent the status. */
  isFromServer: boolean
}

export function endingOf(ended: StatusObject, deserializer: Deserializer, here: CallHere): CallEnding {
  const { code, details: message, metadata } = ended
  const [bytes] = metadata.get('grpc-status-details-bin')
  const isFromServer = !isLocalEnding(ended, here)
  return {
    status: grpcStatusOf(code),
    message,
    details: Buffer.isBuffer(bytes) ? detailsIn(bytes, deserializer) : [],
    trailers: plain(metadata),
    isFromServer,
  }
}

/** Returns the metadata whose values are text. */
export function plain(metadata: Metadata | undefined): Record<string, string> {
  const found: Record<string, string> = {}
  for (const [name, value] of Object.entries(metadata?.getMap() ?? {}))
    if (typeof value === 'string') found[name] = value
  return found
}

/** Returns the tags of a call that ended: the status is that of the server, if it sent one. */
export function endedAs(tags: Pick<TagsCache, 'ofEnding'>, ofCall: Tags, { status, isFromServer }: CallEnding): Tags {
  return isFromServer ? tags.ofEnding(ofCall, { status }) : ofCall
}

/** Returns why a call failed; undefined for a status that was expected. */
export function failureOfCall(
  { status, message, isFromServer }: CallEnding,
  expected: readonly GrpcStatus[],
  isInterrupted: boolean,
): ExchangeFailure | undefined {
  if (expected.includes(status)) return undefined
  if (isInterrupted && status === 'CANCELLED') return interrupted
  if (isFromServer) return { reason: 'grpc_status', example: message === '' ? status : `${status}: ${message}` }
  if (status === 'DEADLINE_EXCEEDED') return { reason: 'timeout', example: message }
  if (/RST_STREAM with code 0/.test(message)) return { reason: 'closed', example: message }
  if (/RST_STREAM/.test(message)) return { reason: 'reset', example: message }
  const code = /\b(E[A-Z]{4,}|[A-Z_]*CERT[A-Z_]*|DEPTH_ZERO_[A-Z_]+)\b/.exec(message)?.[1]
  if (code !== undefined) return failureOf(Object.assign(new Error(message), { code }))
  return { reason: 'closed', example: `${status}: ${message}` }
}

/** Returns the `reason` of the ErrorInfo, such as a problem code of the target. */
export function reasonIn({ details }: GrpcEnding): string | undefined {
  const info = details.find(({ type }) => type === 'google.rpc.ErrorInfo')
  return info?.value['reason'] as string | undefined
}

function detailsIn(bytes: Buffer, deserializer: Deserializer): GrpcDetail[] {
  try {
    const { details } = deserializer('google.rpc.Status')!(bytes) as {
      details: { type_url: string; value: Buffer }[]
    }
    return details.map(({ type_url: url, value }) => {
      const type = url.slice(url.lastIndexOf('/') + 1)
      return { type, value: (deserializer(type)?.(value) ?? {}) as Record<string, unknown> }
    })
  } catch {
    // Another server may send anything.
    return []
  }
}
