/** Resident memory of a process over a run, at even distances. */
export interface MemoryCourse {
  name: string
  bytes: readonly number[]
}

export interface MemoryGrowth {
  /** Low memory of the second and the last third: in the first one, heaps and caches still fill. */
  beforeBytes: number
  afterBytes: number
  isFlat: boolean
}

/** More than the noise of garbage collection, and far less than a leak of a long run. */
const MOST_GROWTH = 0.1
const LEAST_GROWTH_BYTES = 12e6

/**
 * Memory rises until the collector runs, which may take many minutes. So its lows are compared, to a tenth of the samples: they show what the
 * process keeps.
 */
const LOW_SHARE = 0.1

/** Compares the last third of a run with the one before it. */
export function growthOf(bytes: readonly number[]): MemoryGrowth {
  const third = Math.floor(bytes.length / 3)
  const beforeBytes = lowOf(bytes.slice(third, 2 * third))
  const afterBytes = lowOf(bytes.slice(2 * third))
  const growth = afterBytes - beforeBytes
  return { beforeBytes, afterBytes, isFlat: growth <= Math.max(LEAST_GROWTH_BYTES, MOST_GROWTH * beforeBytes) }
}

function lowOf(bytes: readonly number[]): number {
  const sorted = [...bytes].sort((a, b) => a - b)
  return sorted[Math.floor(LOW_SHARE * sorted.length)] ?? 0
}
