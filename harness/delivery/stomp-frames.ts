import { StompFrame } from '../../contract/stomp/frame.ts'
import { controlHeader } from '../../contract/stomp/outcome.ts'
import type { ParsedFrame } from './graphql-payload.ts'

/**
 * Returns the event in a MESSAGE, with its place as far as the broker tells. Returns undefined for another frame, and for a body that is
 * said to be JSON and is not. A message that is delivered again has no place, because the client asked for it.
 */
export function openedMessage(frame: unknown): ParsedFrame | undefined {
  if (!(frame instanceof StompFrame) || frame.command !== 'MESSAGE') return undefined
  const { headers } = frame
  if (headers[controlHeader] !== undefined) return undefined
  const isJson = headers['content-type']?.includes('json') === true
  const content = isJson ? parsed(frame.body) : {}
  if (content === undefined) return undefined
  const { stream, partition, offset, channel, sequence, subscription = '', destination = '' } = headers
  const place = stream === undefined ? (channel ?? destination) : `${stream}/${partition}`
  const number = headers['redelivered'] === 'true' ? undefined : (offset ?? sequence)
  return {
    type: 'message',
    place: `${subscription} ${place}`,
    sequence: number === undefined ? undefined : Number(number),
    timestamp: timestampOf(content, headers['timestamp']),
  }
}

function timestampOf(content: unknown, header: string | undefined): unknown {
  const { timestamp, sentAt } = (typeof content === 'object' && content !== null ? content : {}) as ParsedFrame
  return timestamp ?? sentAt ?? (header === undefined ? undefined : Number(header))
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
