import type { DistributionValue } from '../../contract/distribution.ts'
import type { FaultOf } from '../../contract/faults/fault.ts'
import { parseDistribution } from '../../contract/parse-distribution.ts'
import type { Distribution } from '../../core/distributions/distribution.ts'
import { parseDuration } from '../../core/duration.ts'
import type { Discipline } from './line.ts'

/** What a station is, as its rule says. */
export interface StationNumbers {
  servers: number
  service: Distribution
  /** In Kendall's notation: exponential, deterministic, or general. */
  serviceKind: 'M' | 'D' | 'G'
  /** How many may wait. */
  queueLimit: number
  discipline: Discipline
  /** Longest wait; infinite unless said. */
  timeoutMs: number
  onFull: OnFull
}

/** What happens to who is turned away. */
export type OnFull = 'status' | 'hang' | 'reset'

const DEFAULT_QUEUE_LIMIT = 1000

/** Undefined of a rule that only sends its exchanges to a station of another rule. */
export function numbersOf(fault: FaultOf<'capacity'>): StationNumbers | undefined {
  const { servers, service, queue = DEFAULT_QUEUE_LIMIT, discipline = 'fifo', timeout, onFull = 'status' } = fault
  if (servers === undefined || service === undefined) return undefined
  return {
    servers,
    service: parseDistribution(service),
    serviceKind: kindOf(service),
    queueLimit: queue,
    discipline,
    timeoutMs: timeout === undefined ? Number.POSITIVE_INFINITY : parseDuration(timeout),
    onFull,
  }
}

function kindOf(service: DistributionValue): StationNumbers['serviceKind'] {
  if (typeof service !== 'object' || service.type === 'fixed') return 'D'
  return service.type === 'exponential' && service.max === undefined ? 'M' : 'G'
}
