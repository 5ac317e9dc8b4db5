import type { FaultOf } from '../../contract/faults/fault.ts'

type CalibratedConnectionFault = FaultOf<'disconnect'> | FaultOf<'mute_heartbeats'> | FaultOf<'partial_ack'>

/** A fault of whole connections, or of the answers that one is given, on one wire. */
export interface ConnectionFaultCase {
  name: string
  /** Also of its rule. */
  id: string
  wire: 'sse' | 'websocket'
  fault: CalibratedConnectionFault
}

/** So many are sent before a connection is cut, and as many more would come. */
export const BEFORE_CUT = 5
/** A close code that nothing else uses. */
export const CUT_CODE = 4000

const disconnects: Record<string, FaultOf<'disconnect'>> = {
  'at once': { type: 'disconnect' },
  'after 5 messages': { type: 'disconnect', afterMessages: BEFORE_CUT },
  'after a time': { type: 'disconnect', after: 50 },
  'with a code, after 5 messages': { type: 'disconnect', code: CUT_CODE, afterMessages: BEFORE_CUT },
}

export const connectionFaultCases: ConnectionFaultCase[] = (['sse', 'websocket'] as const).flatMap(wire => {
  const on = wire === 'sse' ? 'SSE' : 'WebSocket'
  const cases = Object.entries(disconnects).map(([name, fault], index): ConnectionFaultCase => {
    return { name: `disconnect ${name}, ${on}`, id: `${wire}.disconnect-${index}`, wire, fault }
  })
  cases.push({ name: `mute_heartbeats, ${on}`, id: `${wire}.mute`, wire, fault: { type: 'mute_heartbeats' } })
  // Streams have no answers.
  if (wire === 'websocket')
    cases.push({ name: `partial_ack, ${on}`, id: `${wire}.ack`, wire, fault: { type: 'partial_ack' } })
  return cases
})
