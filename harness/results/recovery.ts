import type { Break, Mark } from '../metrics/observations.ts'

/** How the connections that broke at a mark came back. Times count from the mark. */
export interface Recovery extends Mark {
  /** By kind of user, most connections first. With several kinds, all together come first. */
  connections: RecoveredConnections[]
}

export type RecoveredConnections = ReturnType<typeof recovered>

/** A connection that breaks this long after a mark, and before the next, broke because of it. */
const BREAKS_WITHIN_MS = 5000
const MILESTONES = [0.5, 0.9, 0.99, 1]
const MOST_CURVE_POINTS = 200
const TENTH_SECOND_MS = 100

/** Returns how connections came back after each mark that cut any. Pure. */
export function recoveriesOf(marks: readonly Mark[], breaks: readonly Break[]): Recovery[] {
  // A change of the run itself breaks no connections.
  const disturbances = marks.filter(({ source }) => source === undefined)
  return disturbances.flatMap((mark, index) => {
    const from = mark.atMs
    const to = Math.min(from + BREAKS_WITHIN_MS, disturbances[index + 1]?.atMs ?? Number.POSITIVE_INFINITY)
    const broken = byConnection(breaks.filter(({ brokenAtMs }) => brokenAtMs >= from && brokenAtMs < to))
    return broken.length === 0 ? [] : [{ ...mark, connections: connectionsOf(broken, from) }]
  })
}

/** A connection that broke more than once is back when it stays open. */
function byConnection(breaks: readonly Break[]): Break[] {
  return [...new Map(breaks.map(broken => [`${broken.worker} ${broken.connection}`, broken])).values()]
}

function connectionsOf(broken: readonly Break[], from: number): RecoveredConnections[] {
  const byUser = Map.groupBy(broken, ({ who }) => who)
  const each = [...byUser]
    .map(([who, breaks]) => recovered(who, breaks, from))
    .sort((a, b) => b.broken - a.broken || (a.who < b.who ? -1 : 1))
  return each.length > 1 ? [recovered('all', broken, from), ...each] : each
}

/** @param who name of the user, or `all` */
function recovered(who: string, breaks: readonly Break[], from: number) {
  const backAfterMs = breaks
    .flatMap(({ backAtMs }) => (backAtMs === undefined ? [] : [backAtMs - from]))
    .sort((a, b) => a - b)
  return {
    who,
    broken: breaks.length,
    /** Connections that were open again when the run ended. */
    back: backAfterMs.length,
    /** When this share of the broken connections was back; absent if it never was. */
    milestones: MILESTONES.map(share => {
      const afterMs = backAfterMs[Math.ceil(share * breaks.length) - 1]
      return afterMs === undefined ? { share } : { share, afterMs }
    }),
    /** Maximum number of connections that came back within a tenth of a second: high if all came at once. */
    mostInTenthSecond: mostWithin(TENTH_SECOND_MS, backAfterMs),
    /** Steps of the share that was back; at most 200. */
    curve: curveOf(backAfterMs, breaks.length),
  }
}

/** Returns the highest number of times within a window of this length. */
function mostWithin(windowMs: number, ascending: readonly number[]): number {
  let [most, first] = [0, 0]
  for (const [index, time] of ascending.entries()) {
    while (time - (ascending[first] as number) > windowMs) first += 1
    most = Math.max(most, index - first + 1)
  }
  return most
}

function curveOf(backAfterMs: readonly number[], broken: number): { afterMs: number; share: number }[] {
  const everyNth = Math.ceil(backAfterMs.length / MOST_CURVE_POINTS)
  const steps = backAfterMs.flatMap((afterMs, index) =>
    (index + 1) % everyNth === 0 || index === backAfterMs.length - 1 ? [{ afterMs, share: (index + 1) / broken }] : [],
  )
  return [{ afterMs: 0, share: 0 }, ...steps]
}
