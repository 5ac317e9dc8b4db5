import type { FaultOf } from '../../contract/faults/fault.ts'

/** A station that is asked one question: `order`, who is next; `refused`, what becomes of those who are not served. */
export interface StationCase {
  name: string
  question: 'order' | 'refused'
  fault: FaultOf<'capacity'>
}

/** Long against what it takes to see that somebody waits. */
const SERVICE_MS = 100

function one(changes: Omit<FaultOf<'capacity'>, 'type'>): FaultOf<'capacity'> {
  return { type: 'capacity', servers: 1, service: SERVICE_MS, ...changes }
}

export const stationCases: StationCase[] = [
  ...(['fifo', 'lifo', 'random'] as const).map((discipline): StationCase => {
    return { name: `capacity, ${discipline}`, question: 'order', fault: one({ discipline, queue: 10 }) }
  }),
  ...(['status', 'hang', 'reset'] as const).map((onFull): StationCase => {
    return { name: `capacity, full: ${onFull}`, question: 'refused', fault: one({ queue: 1, onFull }) }
  }),
  {
    name: 'capacity, timeout',
    question: 'refused',
    fault: one({ queue: 10, timeout: SERVICE_MS / 4, onFull: 'status' }),
  },
]

/** Which of three who wait is served first, by the order in which they came. */
export const servedFirst = { fifo: 0, lifo: 2 } as const
