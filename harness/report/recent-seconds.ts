import type { Progress } from '../results/progress.ts'
import { sparkline } from './sparkline.ts'

const MOST_SECONDS = 30

/** The last seconds of a phase, as small charts of what they measured. */
export class RecentSeconds {
  #phase: Progress['phase'] | undefined
  readonly #values = {
    requests: [] as (number | null)[],
    response: [] as (number | null)[],
    users: [] as (number | null)[],
  }

  add({ phase, point }: Progress): void {
    // The warm-up is another load, so its seconds would only distort the scale.
    if (this.#phase === 'warmup' && phase !== 'warmup')
      for (const values of Object.values(this.#values)) values.length = 0
    this.#phase = phase
    const { requests, response, users } = this.#values
    requests.push(point.requestsPerSecond)
    response.push(point.responseP95Ms)
    users.push(point.activeUsers)
    for (const values of [requests, response, users]) if (values.length > MOST_SECONDS) values.shift()
  }

  /**
   * Returns a bar for each of the last `width` seconds; that of the response is its 95th percentile. The scale spans the highest value, so
   * that a steady load looks steady.
   */
  bars(of: 'requests' | 'response' | 'users', width: number): string {
    const values = this.#values[of].slice(-width)
    const highest = Math.max(0, ...values.filter(value => value !== null))
    return sparkline(values, [], { width, leastRange: highest }).bars.padStart(width)
  }
}
