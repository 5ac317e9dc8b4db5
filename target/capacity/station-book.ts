import { Histogram } from '../../core/histogram.ts'
import { Gaps } from './gaps.ts'

/** What a station has done since it was set, or its counts were forgotten. Everybody who arrived is served, turned away, gone by one way, or there still. */
export class StationBook {
  arrived: number
  /** Services that came to their end, also for visitors who had left meanwhile. */
  served = 0
  /** The queue was full. */
  turnedAway = 0
  timedOut = 0
  /** Left while they waited. */
  abandoned = 0
  /** Let go when the station was taken away. */
  released = 0
  /** Of those whose service began. */
  readonly wait = new Histogram()
  /** Of those whose service is over. */
  readonly service = new Histogram()
  readonly arrivals = new Gaps()

  /** `present` are there already: they are taken for arrived. */
  constructor(present = 0) {
    this.arrived = present
  }
}
