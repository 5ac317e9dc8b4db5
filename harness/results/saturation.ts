import { formatDuration } from '../../core/duration.ts'
import { type LimitedResource, resourcesOf, type SaturationEvidence } from './limited-resources.ts'

/** Resources that reached their limits during a run, in order of time. */
export interface Saturation {
  /** `unknown`: too little of the target is known to tell. */
  state: 'reached' | 'none' | 'unknown'
  /** The answer in a sentence or two. */
  sentence: string
  reached: SaturatedResource[]
}

export interface SaturatedResource {
  resource: string
  /** Start of the first second at the limit, as an offset from the start of the run. */
  fromMs: number
  /** The highest value, and the limit. */
  observed: string
  limit: string
}

/** Seconds in a row at a limit that count as saturation; seconds without a sample are passed over. */
const FEWEST_SECONDS = 3
/** Resources whose first seconds are this close cannot be put in order. */
const INDISTINCT_MS = 1500
/** Least share of the seconds that must have been sampled to say that nothing of the target saturated. */
const LEAST_SAMPLED_SHARE = 0.5
const MOST_NAMED = 3

/** Returns what saturated first, nothing, or that it cannot be told. Pure. */
export function saturationOf(evidence: SaturationEvidence): Saturation {
  const { timeline, problem } = evidence
  const resources = resourcesOf(evidence)
  const startOf = (index: number) => (index === 0 ? 0 : timeline[index - 1]!.atMs)
  const reached = resources
    .flatMap(resource => {
      const first = firstAtLimit(resource)
      return first === undefined ? [] : [{ resource, fromMs: Math.round(startOf(first)) }]
    })
    .sort((a, b) => a.fromMs - b.fromMs)
  const rows = reached.map(({ resource, fromMs }) => rowOf(resource, fromMs))
  const blind = whyBlind(resources, timeline.length, problem)
  if (rows.length > 0) {
    // The generator is always known. Whether something of the target came before it is another question.
    const isOnlyGenerator = reached.every(({ resource }) => resource.side === 'generator')
    const state = isOnlyGenerator && blind !== undefined ? 'unknown' : 'reached'
    const doubt = state === 'unknown' ? ` Whether the target did before cannot be told: ${blind}.` : ''
    return { state, sentence: `${orderInWords(rows)}${doubt}`, reached: rows }
  }
  if (blind !== undefined)
    return { state: 'unknown', sentence: `It cannot be told what saturated first: ${blind}.`, reached: [] }
  return { state: 'none', sentence: `Nothing saturated; ${closest(resources)}.`, reached: [] }
}

/** Returns the index of the first of some consecutive seconds at the limit. */
function firstAtLimit({ loads }: LimitedResource): number | undefined {
  let [from, length] = [0, 0]
  for (const [index, load] of loads.entries()) {
    if (load === null) continue
    if (load < 1) length = 0
    else {
      if (length === 0) from = index
      length += 1
      if (length === FEWEST_SECONDS) return from
    }
  }
  return undefined
}

/** Returns why the state of the target is unknown; undefined if enough is known. */
function whyBlind(
  resources: readonly LimitedResource[],
  seconds: number,
  problem: string | undefined,
): string | undefined {
  if (seconds < FEWEST_SECONDS) return `the run has fewer than ${FEWEST_SECONDS} seconds`
  const theirs = resources.filter(({ side }) => side === 'server')
  if (theirs.length === 0) return problem ?? 'no series was observed whose limit is known'
  const sampled = Math.max(...theirs.map(({ loads }) => loads.filter(load => load !== null).length))
  if (sampled >= FEWEST_SECONDS && sampled >= LEAST_SAMPLED_SHARE * seconds) return undefined
  return `only ${sampled} of ${seconds} seconds could be sampled${problem === undefined ? '' : ` (${problem})`}`
}

function rowOf({ name, loads, inWords, limit }: LimitedResource, fromMs: number): SaturatedResource {
  return { resource: name, fromMs, observed: inWords(peakOf(loads)), limit }
}

function orderInWords(rows: readonly SaturatedResource[]): string {
  const [first] = rows as [SaturatedResource]
  const together = rows.filter(({ fromMs }) => fromMs - first.fromMs <= INDISTINCT_MS)
  const later = rows.slice(together.length)
  const names = together
    .slice(0, MOST_NAMED)
    .map(({ resource, observed, limit }) => `${resource} (${observed}, limit ${limit})`)
  const more = together.length > MOST_NAMED ? ` and ${together.length - MOST_NAMED} more` : ''
  const when = formatDuration(first.fromMs)
  const begin =
    together.length === 1
      ? `First to saturate: ${names[0]}, from ${when} on.`
      : `First to saturate, too close to tell which: ${names.join('; ')}${more}; from ${when} on.`
  if (later.length === 0) return begin
  const then = later.slice(0, MOST_NAMED).map(({ resource, fromMs }) => `${resource} from ${formatDuration(fromMs)}`)
  return `${begin} Then ${then.join(', ')}${later.length > MOST_NAMED ? ' …' : ''}.`
}

/** Names the resource with the highest load that lasted. */
function closest(resources: readonly LimitedResource[]): string {
  const lasting = resources.map(resource => ({ resource, load: lastingLoad(resource.loads) }))
  const { resource, load } = lasting.reduce((most, each) => (each.load > most.load ? each : most))
  return `closest to its limit came ${resource.name} (${resource.inWords(load)} for ${FEWEST_SECONDS} s, limit ${resource.limit})`
}

/** Returns the highest load that as many seconds in a row reached as saturation takes. */
function lastingLoad(loads: LimitedResource['loads']): number {
  const known = loads.filter(load => load !== null)
  return Math.max(
    0,
    ...known.slice(FEWEST_SECONDS - 1).map((_, index) => Math.min(...known.slice(index, index + FEWEST_SECONDS))),
  )
}

function peakOf(loads: LimitedResource['loads']): number {
  return Math.max(0, ...loads.filter(load => load !== null))
}
