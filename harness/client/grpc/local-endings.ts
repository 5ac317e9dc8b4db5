import type { StatusObject } from '@grpc/grpc-js'
import { grpcStatusOf } from '../../../contract/grpc/status.ts'

/** Knowledge that the client itself has of a call that ended. */
export interface CallHere {
  /** Whether the client cancelled it. */
  cancelled: boolean
  /** Whether its deadline has passed here. */
  late: boolean
  /** Whether the head of an answer came. */
  answered: boolean
}

/** The words of the library where it gives up itself or the stream of HTTP/2 broke, by the code that it gives with them. */
const LOCAL: Partial<Record<string, RegExp>> = {
  CANCELLED: /^Call cancelled$/,
  UNKNOWN: /^(No status information received$|Getting metadata from plugin failed)/,
  PERMISSION_DENIED: /^Protocol not secure enough$/,
  RESOURCE_EXHAUSTED:
    /^(Bandwidth exhausted or memory limit exceeded$|Attempted to send message with a size larger than )/,
  UNIMPLEMENTED: /^Too many responses received$/,
  INTERNAL:
    /^(Received RST_STREAM with code \d+|Failed to start HTTP\/2 stream with error |Request message serialization failure|Write error: |Channel closed)/,
  UNAVAILABLE:
    /^(No connection established|Connection dropped$|Name resolution failed for target |Failed to connect|Stream refused by server$|Write (?:error|failed)|Channel closed|read E[A-Z]+$)/,
}

/** Failures to read a message, of which servers tell in the same words. */
const UNREADABLE =
  /^(Received message (?:larger than max|compressed with|that decompresses to)|Response message parsing error|Failed to decompress)/

/** Proxies answer so, without gRPC. */
const HTTP_STATUS = /^Received HTTP status code \d+$/

/**
 * Tells whether the library made up the status of a call, because the server sent none. The library does not say so. But it makes up no
 * metadata, and a server that refuses at once has its content type there. Otherwise it counts what the client knows; only where a
 * connection broke, the words do, each with its code.
 */
export function isLocalEnding({ code, details, metadata }: StatusObject, here: CallHere): boolean {
  const status = grpcStatusOf(code)
  if (status === 'OK') return false
  if (HTTP_STATUS.test(details)) return true
  if (Object.keys(metadata.getMap()).length > 0) return false
  if (status === 'CANCELLED' && details === 'Cancelled on client') return here.cancelled
  if (status === 'DEADLINE_EXCEEDED') return here.late && details.startsWith('Deadline exceeded')
  if (UNREADABLE.test(details)) return here.answered
  return LOCAL[status]?.test(details) === true
}
