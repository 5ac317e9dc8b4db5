import type { DistributionValue } from '../../core/distributions/value.ts'
import type { FaultOf } from '../../contract/faults/fault.ts'
import { parseDistribution } from '../../core/distributions/parse.ts'
import type { Distribution } from '../../core/distributions/distribution.ts'
import { parseDuration } from '../../core/duration.ts'
import type { Discipline } from './line.ts'

/** Settings of a station, as its rule gives them. */
export interface StationSettings {
  servers: number
  service: Distribution
  /** In Kendall's notation: exponential, deterministic, or general. */
  serviceKind: 'M' | 'D' | 'G'
  /** Number of places to wait. */
  queueLimit: number
  discipline: Discipline
  /** Maximum wait; infinite by default. */
  timeoutMs: number
  onFull: OnFull
}

/** How a station turns a visitor away. */
export type OnFull = 'status' | 'hang' | 'reset'

const DEFAULT_QUEUE_LIMIT = 1000

/** Returns the settings, or undefined if the rule only names a station that another rule defines. */
export function settingsOf(fault: FaultOf<'capacity'>): StationSettings | undefined {
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

function kindOf(service: DistributionValue): StationSettings['serviceKind'] {
  if (typeof service !== 'object' || service.type === 'fixed') return 'D'
  return service.type === 'exponential' && service.max === undefined ? 'M' : 'G'
}
