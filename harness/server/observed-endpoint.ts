import { parseTarget, type Target } from '../client/address/target.ts'
import { concealUrl, concealUrlAndQuery } from '../client/address/url-credentials.ts'
import { parseSelectors, parseSeriesSelector, type SeriesSelector, usualSelectors } from './series-selector.ts'

/** An endpoint whose metrics are sampled during a run. */
export interface ObservedEndpoint {
  address: Target
  /** Path and query of the metrics. */
  path: string
  /** Its URL for people: without user name and password, and without the values of the query, which may be secret. */
  place: string
  selectors: SeriesSelector[]
  /** False if the usual series are taken, because none were chosen. */
  isChosen: boolean
  /** The option that names it, without secrets. */
  flag: string
}

const KIND = 'prometheus='

/** Reads the value of `--observe`: `prometheus=http://127.0.0.1:9100/metrics#node_load1,node_cpu_*`. @throws RangeError */
export function parseObserveFlag(text: string): ObservedEndpoint {
  if (!text.startsWith(KIND)) {
    const [kind = ''] = text.split('=', 1)
    const got = kind === text ? concealUrl(text) : `${concealUrl(kind)}=…`
    throw new RangeError(`expected prometheus=<url of its metrics>, got ${JSON.stringify(got)}`)
  }
  const [url = '', ...fragments] = text.slice(KIND.length).split('#')
  const series = fragments.join('#')
  // No name of a series has an @. It ends a password with a #, of which no error may show the rest.
  if (series.replaceAll(/"[^"]*"/g, '').includes('@')) {
    throw new RangeError('expected names of series after the #, got an @; write a # in a password as %23')
  }
  return endpointOf(url, parseSelectors(series))
}

/** Returns the endpoint at a URL. Without series, the usual ones are chosen. @throws RangeError */
export function observedEndpoint(url: string, series: readonly string[] = []): ObservedEndpoint {
  return endpointOf(url, series.map(parseSeriesSelector))
}

function endpointOf(url: string, chosen: SeriesSelector[]): ObservedEndpoint {
  const address = addressOf(url)
  const place = concealUrlAndQuery(url)
  const isChosen = chosen.length > 0
  const { pathname, search } = new URL(url)
  return {
    address,
    path: `${pathname}${search}`,
    place,
    selectors: isChosen ? chosen : usualSelectors.map(parseSeriesSelector),
    isChosen,
    flag: `${KIND}${place}${isChosen ? `#${chosen.map(({ source }) => source).join()}` : ''}`,
  }
}

/** @throws RangeError without credentials in its message */
function addressOf(url: string): Target {
  try {
    return parseTarget(url)
  } catch (error) {
    throw new RangeError(
      (error as Error).message.replace(
        'of a target such as http://127.0.0.1:8080',
        'of metrics such as http://127.0.0.1:9100/metrics',
      ),
    )
  }
}
