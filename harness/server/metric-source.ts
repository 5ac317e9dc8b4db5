/** A value of a series in one second. */
export interface SeriesPoint {
  /** With its unit: `process_cpu_seconds_per_second`. */
  name: string
  labels: Readonly<Record<string, string>>
  /** Undefined if there is none, as in the first second of a rate. */
  value: number | undefined
  /** The highest value that is possible, if that is known. */
  limit?: number
}

/** Something whose metrics are sampled about once a second. */
export interface MetricSource {
  /** For people, without secrets. */
  readonly place: string
  readonly kind: 'loadcell' | 'prometheus'
  /** Selectors that have chosen nothing so far. */
  readonly unmatched: string[]
  /** Number of further series that were chosen, and some of their names. */
  readonly notKept: { count: number; examples: string[] }
  /** Returns the values of now; rates are over the time since the last sample. @throws Error for people, without secrets */
  sample(signal: AbortSignal): Promise<SeriesPoint[]>
  close(): Promise<void>
}
