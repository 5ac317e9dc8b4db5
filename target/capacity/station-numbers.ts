import type { FaultOf } from '../../contract/faults/fault.ts'
import { parseDistribution } from '../../contract/parse-distribution.ts'
import type { Distribution } from '../../core/distribution.ts'
import { parseDuration } from '../../core/duration.ts'
import type { Discipline } from './line.ts'

/** What a station is, as its rule says. */
export interface StationNumbers {
  servers: number
  service: Distribution
  /** How many may wait. */
  queueLimit: number
  discipline: Discipline
  /** Longest wait; infinite unless said. */
  timeoutMs: number
}

const DEFAULT_QUEUE_LIMIT = 1000

/** Undefined of a rule that only sends its exchanges to a station of another rule. */
export function numbersOf(fault: FaultOf<'capacity'>): StationNumbers | undefined {
  const { servers, service, queue = DEFAULT_QUEUE_LIMIT, discipline = 'fifo', timeout } = fault
  if (servers === undefined || service === undefined) return undefined
  return {
    servers,
    service: parseDistribution(service),
    queueLimit: queue,
    discipline,
    timeoutMs: timeout === undefined ? Number.POSITIVE_INFINITY : parseDuration(timeout),
  }
}
