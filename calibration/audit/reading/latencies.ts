import type { ToolLatency } from '../tool-report.ts'

const PERCENTILES = [50, 75, 90, 95, 99, 99.9]

/** The latencies of a log, from which exact percentiles are computed: a value that was measured, by nearest rank. */
export class Latencies {
  readonly #valuesMs: number[] = []

  add(valueMs: number): void {
    this.#valuesMs.push(valueMs)
  }

  /** Returns undefined when there are none. */
  summary(): ToolLatency | undefined {
    const sorted = Float64Array.from(this.#valuesMs).sort()
    const count = sorted.length
    if (count === 0) return undefined
    return {
      meanMs: sorted.reduce((sum, value) => sum + value, 0) / count,
      minMs: sorted[0]!,
      maxMs: sorted[count - 1]!,
      percentiles: PERCENTILES.map(percentile => ({
        percentile,
        valueMs: sorted[Math.max(0, Math.ceil((percentile / 100) * count - 1e-9) - 1)]!,
      })),
    }
  }
}
