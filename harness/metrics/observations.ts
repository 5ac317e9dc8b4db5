/** Something that was done to the target in mid-run. */
export interface Mark {
  /** When it began, as an offset from the start of the run. */
  atMs: number
  label: string
  /** The result, in a sentence. */
  detail: string
}

export interface ConsumerCount {
  key: string
  received: number
}

/** A connection that broke without having been ended. All times are the clock's monotonic ms. */
export interface Break {
  /** Number of the stream or socket, which may break more than once. */
  readonly connection: number
  /** Name of the user it belonged to. */
  readonly who: string
  readonly brokenAt: number
  /** Time when it was open again. */
  backAt: number | undefined
}

/** Lag of a consumer group, second by second, as reported by the target. */
export interface LagSeries {
  stream: string
  group: string
  /** Events accepted and not yet delivered, by second; a hole where nothing was requested or answered. */
  lag: (number | undefined)[]
  members: Map<string, { partitions: number[]; lag: (number | undefined)[] }>
  /** Some members were left out. */
  incomplete: boolean
}
