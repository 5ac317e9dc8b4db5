import type { Fault } from '../../contract/faults/fault.ts'
import type { FaultRule } from '../../contract/faults/rule.ts'

/** A fault of messages on one wire, and its rule: it affects what is sent over channels of its own. */
export interface MessageFaultCase {
  name: string
  wire: 'sse' | 'websocket'
  rule: FaultRule & { share: number; scope: 'message' }
  /** Stream, or room: with an ordinal of its reader behind it. */
  channel: string
}

export const MESSAGE_SHARE = 0.3

const messageFaults: Record<string, Fault> = {
  drop: { type: 'drop' },
  duplicate: { type: 'duplicate' },
  'duplicate, three copies': { type: 'duplicate', copies: 3 },
  reorder: { type: 'reorder', distance: 3 },
  malformed: { type: 'malformed' },
  'delay, per_message': { type: 'delay', at: 'per_message', distribution: 20 },
  'stall, of each message': { type: 'stall', duration: 2 },
}

export const messageFaultCases: MessageFaultCase[] = (['sse', 'websocket'] as const).flatMap(wire =>
  Object.entries(messageFaults).map(([name, fault], index): MessageFaultCase => {
    const id = `${wire}.${fault.type}-${index}`
    const channel = `${fault.type}-${index}`
    const match =
      wire === 'sse'
        ? { operation: 'streams.*', channel: `${channel}-*` }
        : { operation: 'sockets.chat', header: { 'x-fault': id }, channel: `room:${channel}-*` }
    return {
      name: `${name}, ${wire === 'sse' ? 'SSE' : 'WebSocket'}`,
      wire,
      channel,
      rule: { id, match, share: MESSAGE_SHARE, scope: 'message', fault },
    }
  }),
)
