import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64 } from 'hdr-histogram-js'
import type { Histogram as HdrHistogram } from 'hdr-histogram-js'

/** One microsecond is the smallest difference kept; three digits hold at every magnitude. */
const UNITS_PER_MS = 1000
const SIGNIFICANT_DIGITS = 3
/** Four hours: nothing the bench times lasts longer; what would is kept at this value. */
const HIGHEST_MS = 4 * 3_600_000
/** Values that wait to be sorted into buckets. */
const PENDING = 128

/**
 * A mergeable distribution of times in milliseconds (HDR histogram, V2 encoding, three significant digits). Percentiles
 * come from merged counts, never from averaged percentiles.
 *
 * Recording only notes the value. Many are sorted into their buckets together: between two requests neither the buckets
 * nor the code for them would stay in the processor's caches.
 */
export class Histogram {
  readonly #hdr: HdrHistogram
  readonly #pending = new Float64Array(PENDING)
  #pendingCount = 0
  /** Kept beside the buckets because they are exact where the buckets are not. */
  #sumMs = 0
  #minMs = Number.POSITIVE_INFINITY
  #maxMs = 0

  constructor(hdr: HdrHistogram = buildHdr()) {
    this.#hdr = hdr
  }

  get count(): number {
    return this.#hdr.totalCount + this.#pendingCount
  }

  get sumMs(): number {
    this.#settle()
    return this.#sumMs
  }

  /** Zero while nothing is recorded, like `maxMs` and `meanMs`. */
  get minMs(): number {
    this.#settle()
    return this.count === 0 ? 0 : this.#minMs
  }

  get maxMs(): number {
    this.#settle()
    return this.#maxMs
  }

  get meanMs(): number {
    return this.count === 0 ? 0 : this.sumMs / this.count
  }

  record(valueMs: number): void {
    if (this.#pendingCount === PENDING) this.#settle()
    this.#pending[this.#pendingCount++] = valueMs
  }

  merge(other: Histogram): void {
    this.#settle()
    other.#settle()
    this.#hdr.add(other.#hdr)
    this.#sumMs += other.#sumMs
    this.#minMs = Math.min(this.#minMs, other.#minMs)
    this.#maxMs = Math.max(this.#maxMs, other.#maxMs)
  }

  reset(): void {
    this.#pendingCount = 0
    this.#hdr.reset()
    this.#sumMs = 0
    this.#minMs = Number.POSITIVE_INFINITY
    this.#maxMs = 0
  }

  /** The value at or below which `percentile` percent (0…100) of the recorded values lie, in ms. */
  percentile(percentile: number): number {
    if (this.count === 0) return 0
    this.#settle()
    if (percentile >= 100) return this.#maxMs
    return Math.min(this.#hdr.getValueAtPercentile(percentile) / UNITS_PER_MS, this.#maxMs)
  }

  toJSON(): EncodedHistogram {
    this.#settle()
    return {
      hdr: encodeIntoCompressedBase64(this.#hdr),
      count: this.count,
      sumMs: this.#sumMs,
      minMs: this.minMs,
      maxMs: this.#maxMs,
    }
  }

  static fromJSON(encoded: EncodedHistogram): Histogram {
    const hdr = decodeFromCompressedBase64(encoded.hdr, 32, false)
    hdr.autoResize = true
    const histogram = new Histogram(hdr)
    histogram.#sumMs = encoded.sumMs
    histogram.#minMs = encoded.count === 0 ? Number.POSITIVE_INFINITY : encoded.minMs
    histogram.#maxMs = encoded.maxMs
    return histogram
  }

  #settle(): void {
    for (let index = 0; index < this.#pendingCount; index++) {
      const valueMs = this.#pending[index]!
      const clampedMs = valueMs > 0 ? Math.min(valueMs, HIGHEST_MS) : 0
      this.#hdr.recordValue(Math.round(clampedMs * UNITS_PER_MS))
      this.#sumMs += clampedMs
      if (clampedMs < this.#minMs) this.#minMs = clampedMs
      if (clampedMs > this.#maxMs) this.#maxMs = clampedMs
    }
    this.#pendingCount = 0
  }
}

/** `hdr` is the V2 compressed encoding in base64, in microseconds, readable by every HDR library. */
export interface EncodedHistogram {
  hdr: string
  count: number
  sumMs: number
  minMs: number
  maxMs: number
}

function buildHdr(): HdrHistogram {
  return build({
    bitBucketSize: 32,
    autoResize: true,
    lowestDiscernibleValue: 1,
    highestTrackableValue: 2,
    numberOfSignificantValueDigits: SIGNIFICANT_DIGITS,
    useWebAssembly: false,
  })
}
