import type { EncodedHistogram } from '../../core/encoded-histogram.ts'

/** Response of `GET /_loadcell/capacity`: the current stations. */
export interface CapacityReport {
  stations: StationReport[]
}

/** Number of visits to a station by outcome. With the visits that have not ended, they add up to `arrived`. */
export interface StationCounts {
  arrived: number
  /** Completed services, including those for clients that had already left. */
  served: number
  /** Turned away because the queue was full. */
  turnedAway: number
  timedOut: number
  /** Ended because the client left while it waited. */
  abandoned: number
  /** Passed without a service, because the station was removed. */
  released: number
}

/** The account of a station in one run, in the ledger. */
export interface StationAccount extends StationCounts {
  station: string
  /** Times that served visits waited. */
  wait: EncodedHistogram
  service: EncodedHistogram
}

/**
 * State of a station. Counts begin when it was set or the ledger was last reset; visits present at that moment count as
 * arrived. Times are in ms, rates per second.
 */
export interface StationReport extends StationCounts {
  name: string
  /** Ids of the rules that send exchanges to it. */
  rules: string[]
  servers: number
  serviceMeanMs: number
  queueLimit: number
  discipline: 'fifo' | 'lifo' | 'random'
  /** Absent if visits wait without a limit. */
  timeoutMs?: number
  onFull: 'status' | 'hang' | 'reset'
  /** Number of servers that are busy now. */
  busy: number
  queued: number
  /** Times that visits waited until their service began. */
  wait: EncodedHistogram
  /** Durations of completed services. */
  service: EncodedHistogram
  /** Highest rate that it can serve: servers ÷ mean service time. Absent if services take no time. */
  kneePerSecond?: number
  theory: StationTheory
}

/** Predictions of queueing theory for a station, given its arrivals so far. */
export interface StationTheory {
  /** Rate between the first arrival and the last. Absent with fewer than two arrivals. */
  arrivalsPerSecond?: number
  /** Arrival rate ÷ knee. At 1 or more, a queue without a limit grows for ever. */
  utilisation?: number
  /** Variance ÷ mean² of the gaps between arrivals: 1 for a Poisson process, 0 for regular arrivals. */
  arrivalVariation?: number
  /** Variance ÷ mean² of service times: 1 for an exponential distribution. */
  serviceVariation: number
  /** Predictions of the models that fit its servers and services. None of them models timeouts. */
  predictions: StationPrediction[]
}

export interface StationPrediction {
  /** In Kendall's notation. Models that begin with M assume Poisson arrivals. */
  model: 'M/M/1' | 'M/M/c' | 'M/M/c/K' | 'M/D/1' | 'M/G/1' | 'G/G/c (Allen–Cunneen)'
  /** Mean wait in the queue of visits that are not turned away. Absent if the queue would grow for ever. */
  meanWaitMs?: number
  /** Share of visits that wait. */
  waitShare?: number
  turnedAwayShare?: number
}
