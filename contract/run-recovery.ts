/** Something that was done to the target in mid-run. */
export interface Mark {
  /** When it began, as an offset from the start of the run. */
  atMs: number
  label: string
  /** The result, in a sentence. */
  detail: string
}

/** How the connections that broke at a mark came back. Times count from the mark. */
export interface Recovery extends Mark {
  /** By kind of user, most connections first; before them all together, where there are several. */
  connections: RecoveredConnections[]
}

export interface RecoveredConnections {
  /** The user's name, or `all`. */
  who: string
  /** Connections that broke, and those of them that were open again when the run ended. */
  broken: number
  back: number
  /** When this share of those that broke was back; absent where it never was. */
  milestones: { share: number; afterMs?: number }[]
  /** Most that came back within a tenth of a second: high where all come at once. */
  mostInTenthSecond: number
  /** Steps of the share that was back; at most 200. */
  curve: { afterMs: number; share: number }[]
}
