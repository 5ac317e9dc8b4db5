import type { CapacityReport } from '../../contract/faults/station-report.ts'
import type { Clock } from '../../core/clock.ts'
import { type ControlPlane, ControlPlaneError, parseAnswer } from '../control/control-plane.ts'

/** A target becomes idle within this time, or the search goes on without. */
const WITHIN_MS = 30_000
const POLL_MS = 100
/** Answers of another target that are as quick as before the load, in a row. */
const CALM_ANSWERS = 3
/** How much slower than before a calm answer may be. */
const CALM = { factor: 2, ms: 10 }
const FIRST_LOOKS = 5

/**
 * Waits until a target is idle. The stations of a Loadcell target say whether anybody is in them. Any other target is idle when it
 * answers as quickly as before the load.
 */
export class Drain {
  readonly #control: ControlPlane
  readonly #clock: Clock
  #calmMs = Number.POSITIVE_INFINITY

  constructor(control: ControlPlane, clock: Clock) {
    this.#control = control
    this.#clock = clock
  }

  /** Measures how quickly the idle target answers. */
  async learn(signal: AbortSignal): Promise<void> {
    for (let look = 0; look < FIRST_LOOKS && !signal.aborted; look++) {
      const seen = await this.#look()
      // The first probe says that the target cannot be reached.
      if (seen === undefined) return
      this.#calmMs = Math.min(this.#calmMs, seen.tookMs)
    }
  }

  /** @returns how long it took; undefined if the target did not become idle within the limit. */
  async wait(signal: AbortSignal): Promise<number | undefined> {
    const startedAt = this.#clock.now()
    for (let calm = 0; !signal.aborted; ) {
      const seen = await this.#look()
      const isIdle = seen?.visitors === 0
      const isCalm = seen !== undefined && seen.tookMs <= CALM.factor * this.#calmMs + CALM.ms
      calm = isCalm && seen.visitors !== undefined ? (isIdle ? CALM_ANSWERS : 0) : isCalm ? calm + 1 : 0
      const tookMs = this.#clock.now() - startedAt
      if (calm >= CALM_ANSWERS) return tookMs
      if (tookMs >= WITHIN_MS) return undefined
      await this.#clock.sleep(POLL_MS, signal)
    }
    return undefined
  }

  /** Returns the number of visitors at all stations, unless the target has none to tell of; undefined without an answer. */
  async #look(): Promise<{ tookMs: number; visitors?: number } | undefined> {
    const askedAt = this.#clock.now()
    try {
      const { status, text } = await this.#control.ask('GET', '/capacity')
      const tookMs = this.#clock.now() - askedAt
      const report = status === 200 ? parseAnswer<CapacityReport>(text, isReport) : undefined
      if (report === undefined) return { tookMs }
      return { tookMs, visitors: report.stations.reduce((sum, { busy, queued }) => sum + busy + queued, 0) }
    } catch (error) {
      // A control plane that denies access answers all the same.
      if (error instanceof ControlPlaneError) return error.answer && { tookMs: this.#clock.now() - askedAt }
      throw error
    }
  }
}

function isReport({ stations }: Partial<CapacityReport>): boolean {
  const isStation = (station: Partial<CapacityReport['stations'][number]> | null) =>
    Number.isFinite(station?.busy) && Number.isFinite(station?.queued)
  return Array.isArray(stations) && stations.every(isStation)
}
