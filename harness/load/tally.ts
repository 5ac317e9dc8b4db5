/** How the load stands, kept by the executors and read once a second. */
export interface Tally {
  /** Users that work now: in a closed model all that were started, in an open one those with an iteration. */
  activeUsers: number
  peakUsers: number
  /** Since it was taken last. */
  peakUsersOfSecond: number
  /** Users that came through their `begin`. */
  begunUsers: number
  /** Open models: arrivals whose time has come. */
  offered: number
}

export function emptyTally(): Tally {
  return { activeUsers: 0, peakUsers: 0, peakUsersOfSecond: 0, begunUsers: 0, offered: 0 }
}

/** The most users that worked at once since this was asked last. */
export function takePeakUsers(tally: Tally): number {
  const peak = Math.max(tally.peakUsersOfSecond, tally.activeUsers)
  tally.peakUsersOfSecond = tally.activeUsers
  return peak
}
