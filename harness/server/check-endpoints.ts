import { didYouMean } from '../../core/nearest.ts'
import type { Clock } from '../../core/clock.ts'
import type { Network } from '../client/engine/network.ts'
import { ExpositionReader } from './exposition/exposition-reader.ts'
import type { ObservedEndpoint } from './observed-endpoint.ts'
import { ScrapeError, Scraper } from './scrape.ts'
import { choosesLabels, choosesName } from './series-selector.ts'

/** The first answer of an endpoint may take longer than others. */
const ANSWERED_WITHIN_MS = 5000
/** The time between two samples. */
const SLOW_MS = 1000
const MOST_NAMES_SHOWN = 8

/** A problem with an endpoint before the run. */
export interface EndpointFinding {
  endpoint: ObservedEndpoint
  /** `refused`: nothing can be sampled. `doubtful`: there will be gaps, or some chosen series are not there, or not yet. */
  state: 'refused' | 'doubtful'
  detail: string
}

interface EndpointCheckOptions {
  clock: Clock
  signal: AbortSignal
  network?: Network | undefined
}

/** Reads every endpoint once and strictly, so that no load is sent for a run that would observe nothing. */
export async function checkEndpoints(
  endpoints: readonly ObservedEndpoint[],
  options: EndpointCheckOptions,
): Promise<EndpointFinding[]> {
  const findings = await Promise.all(endpoints.map(endpoint => check(endpoint, options)))
  return findings.flat()
}

async function check(
  endpoint: ObservedEndpoint,
  { clock, signal, network }: EndpointCheckOptions,
): Promise<EndpointFinding[]> {
  const { selectors, isChosen } = endpoint
  const missing = new Set(selectors)
  const names = new Set<string>()
  const reader = new ExpositionReader({
    onSample: ({ name, labels }, family) => {
      names.add(family.name)
      for (const selector of missing) {
        if (choosesName(selector, name, family.name) && choosesLabels(selector, labels)) missing.delete(selector)
      }
    },
  })
  const scraper = new Scraper(endpoint, clock, network)
  const askedAtMs = clock.now()
  try {
    await scraper.read(reader, { withinMs: ANSWERED_WITHIN_MS, signal })
  } catch (error) {
    if (!(error instanceof ScrapeError)) throw error
    return [{ endpoint, state: 'refused', detail: error.message }]
  } finally {
    await scraper.close()
  }
  const slow = slownessOf(endpoint, clock.now() - askedAtMs)
  // A family may be declared before it has its first series.
  for (const name of reader.families.keys()) {
    names.add(name)
    for (const selector of missing) if (choosesName(selector, name, name) && isChosen) missing.delete(selector)
  }
  if (!isChosen) {
    if (missing.size < selectors.length) return slow
    const some = [...names].slice(0, MOST_NAMES_SHOWN).join(', ')
    const detail = `it has none of the usual series of a process or machine; choose some of its ${names.size} metrics (${some} …) behind a #`
    return [{ endpoint, state: 'refused', detail }]
  }
  const absent = [...missing].map(({ source }): EndpointFinding => {
    const guess = didYouMean(source.replace(/\{[^]*/, ''), names)
    return { endpoint, state: 'doubtful', detail: `it has no series ${source} now${guess}` }
  })
  return [...slow, ...absent]
}

function slownessOf(endpoint: ObservedEndpoint, tookMs: number): EndpointFinding[] {
  if (tookMs <= SLOW_MS) return []
  const detail = `its metrics took ${Math.round(tookMs)} ms, and a sample that takes longer than a second leaves gaps`
  return [{ endpoint, state: 'doubtful', detail }]
}
