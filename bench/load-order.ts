/** What a generator is asked for: as many requests as `connections` can carry, one at a time on each. */
export interface LoadOrder {
  url: string
  connections: number
  seconds: number
  /** Given, events are published to `url` with this bearer token; else it is a GET. */
  token?: string
}

/** As many requests a second, evenly spaced, whether or not earlier ones were answered. */
export interface RateOrder {
  url: string
  rate: number
  seconds: number
}

export interface LoadReading {
  requests: number
  failed: number
  seconds: number
  /** Of the generator. */
  cpuSeconds: number
}
