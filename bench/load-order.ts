/** The load of a generator: as many requests as `connections` can carry, one at a time on each. */
export interface LoadOrder {
  url: string
  connections: number
  seconds: number
  /** The request to repeat; a bare GET if neither this nor `token` is given. */
  request?: FixedRequest
  /** Given, events are published to `url` with this bearer token. */
  token?: string
}

export interface FixedRequest {
  method: 'GET' | 'POST'
  headers: Record<string, string>
  body?: string
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
  /** CPU time of the generator. */
  cpuSeconds: number
}
