import type { EncodedHistogram } from '../../core/histogram.ts'

/** `GET /_loadcell/capacity`: the stations that there are now. */
export interface CapacityReport {
  stations: StationReport[]
}

/** How visits of a station ended; with those that are there still they are all arrivals. */
export interface StationCounts {
  arrived: number
  /** Services that came to their end, also for clients that had left meanwhile. */
  served: number
  /** The queue was full. */
  turnedAway: number
  timedOut: number
  /** The client left while it waited. */
  abandoned: number
  /** Let go on at once, because the station was taken away. */
  released: number
}

/** The account of a station in one run, in the ledger. */
export interface StationAccount extends StationCounts {
  station: string
  /** Waits of the visitors that were served. */
  wait: EncodedHistogram
  service: EncodedHistogram
}

/** Counts are since it was set, or the ledger was reset; who was there at that moment counts as arrived. Times in ms, rates per second. */
export interface StationReport extends StationCounts {
  name: string
  /** Ids of the rules that send exchanges to it. */
  rules: string[]
  servers: number
  serviceMeanMs: number
  queueLimit: number
  discipline: 'fifo' | 'lifo' | 'random'
  /** Absent when they wait for as long as it takes. */
  timeoutMs?: number
  onFull: 'status' | 'hang' | 'reset'
  /** Now. */
  busy: number
  queued: number
  /** Waits of the visitors whose service has begun. */
  wait: EncodedHistogram
  /** Times of the services that have ended. */
  service: EncodedHistogram
  /** Most it can serve: servers ÷ mean service time. Absent when services take no time. */
  kneePerSecond?: number
  theory: StationTheory
}

/** Predictions of queueing theory for a station, given its arrivals so far. */
export interface StationTheory {
  /** From the first arrival to the last. Absent before there are two. */
  arrivalsPerSecond?: number
  /** Arrivals ÷ knee. From 1 on a queue without a limit would grow for ever. */
  utilisation?: number
  /** Variance ÷ mean² of the gaps between arrivals: 1 of a Poisson process, 0 of a metronome. */
  arrivalVariation?: number
  /** The same of service times: 1 of an exponential distribution. */
  serviceVariation: number
  /** Predictions of the models that fit its servers and services. None of them knows timeouts. */
  predictions: StationPrediction[]
}

export interface StationPrediction {
  /** In Kendall's notation; those with an M first take arrivals for a Poisson process. */
  model: 'M/M/1' | 'M/M/c' | 'M/M/c/K' | 'M/D/1' | 'M/G/1' | 'G/G/c (Allen–Cunneen)'
  /** In the queue, of those that find a place. Absent where the queue would grow for ever. */
  meanWaitMs?: number
  /** The share that has to wait. */
  waitShare?: number
  turnedAwayShare?: number
}
