import { counted } from '../../report/quantity.ts'
import { listed, selected } from '../selection.ts'
import { UnusableSource } from '../unusable-source.ts'
import { isJsonType, type RecordedRequest } from './entry.ts'

/** Most requests that one scenario repeats. */
const MOST_REQUESTS = 200

export interface RecordingOptions {
  only: readonly string[]
  /** Host to write; undefined: that of the visited site with the most pages and data. */
  host: string | undefined
  keepsStatic: boolean
}

/** The requests of a recording that a scenario repeats, and what was left out. */
export interface ChosenRequests {
  requests: readonly RecordedRequest[]
  origin: string
  host: string
  /** Sentences on what was left out. */
  notes: readonly string[]
}

const STATIC_TYPES =
  /^(image|font|stylesheet|script|media|manifest|texttrack|imageset|img|css|js|fonts|ping|beacon|csp_?report|cspviolationreport|preflight)$/i
const STATIC_MEDIA =
  /^(image|font|audio|video)\/|^text\/(css|javascript)$|^application\/(javascript|x-javascript|ecmascript|font[\w-]*|x-font[\w-]*|vnd\.ms-fontobject|wasm|manifest\+json)$/
const STATIC_FILES =
  /\.(png|jpe?g|gif|svg|webp|avif|ico|bmp|css|m?js|map|woff2?|ttf|otf|eot|mp[34]|webm|ogg|wasm|webmanifest)$/i

/**
 * Chooses the requests of one host that a person caused.
 * @param paths gives the path of a request without ids and secrets
 * @throws UnusableSource
 */
export function chooseRequests(
  entries: readonly RecordedRequest[],
  { only, host, keepsStatic }: RecordingOptions,
  paths: { template(pathname: string): string },
): ChosenRequests {
  const notes: string[] = []
  const leave = (
    from: readonly RecordedRequest[],
    isLeft: (entry: RecordedRequest) => boolean,
    told: (count: number) => string,
  ) => {
    const kept = from.filter(entry => !isLeft(entry))
    if (kept.length < from.length) notes.push(told(from.length - kept.length))
    return kept
  }
  let kept = leave(
    entries,
    isSocket,
    count => `${counted(count, 'WebSocket')} ${wasOrWere(count)} left out: \`ws.open\` opens one.`,
  )
  kept = leave(
    kept,
    ({ status }) => status === 0,
    count => `${counted(count, 'request')} without a response ${wasOrWere(count)} left out.`,
  )
  kept = kept.filter(each => !isOfTheBrowser(each))
  if (!keepsStatic) {
    const told = (count: number) =>
      `${counted(count, 'request')} for images, styles, scripts and fonts ${wasOrWere(count)} left out; --static keeps them.`
    kept = leave(kept, isStatic, told)
  }
  if (kept.length === 0) throw new UnusableSource(`nothing is left of the recording: ${notes.join(' ')}`)
  const hosts = Map.groupBy(kept, ({ url }) => url.host)
  const chosenHost = chooseHost(hosts, host)
  const others = [...hosts].filter(([name]) => name !== chosenHost).map(([name, some]) => `${name} (${some.length})`)
  if (others.length > 0) {
    notes.push(
      `Load goes to one host, ${chosenHost}. Requests to others left out: ${listed(others)}. --host writes those of another.`,
    )
  }
  const ofHost = hosts.get(chosenHost)!
  const requests = selected(
    ofHost.map(entry => ({ entry, method: entry.method, path: paths.template(entry.url.pathname), tags: [] })),
    { only, tags: [] },
  ).map(({ entry }) => entry)
  if (requests.length > MOST_REQUESTS) {
    throw new UnusableSource(
      `the recording has ${requests.length} requests to ${chosenHost}, and a scenario repeats at most ${MOST_REQUESTS}`,
      'Choose some with --only, or record a shorter visit.',
    )
  }
  return { requests, origin: requests[0]!.url.origin, host: chosenHost, notes }
}

/** Chooses the wanted host; by default that of the visited site with the most requests for pages and data. */
function chooseHost(hosts: ReadonlyMap<string, readonly RecordedRequest[]>, wanted: string | undefined): string {
  const weighed = [...hosts].map(([name, some]) => ({
    name,
    count: some.length,
    weight: some.filter(isEssential).length,
  }))
  const byWeight = weighed.toSorted((a, b) => b.weight - a.weight || b.count - a.count)
  if (wanted === undefined) {
    const first = [...hosts.values()]
      .flat()
      .toSorted((a, b) => a.startMs - b.startMs)
      .find(isPage)
    const site = first === undefined ? undefined : siteOf(first.url.hostname)
    return (
      byWeight.find(({ name, weight }) => weight > 0 && siteOf(name.replace(/:\d+$/, '')) === site) ?? byWeight[0]!
    ).name
  }
  const names = byWeight.map(({ name }) => name)
  const found =
    names.find(name => name === wanted.toLowerCase()) ??
    names.find(name => name.replace(/:\d+$/, '') === wanted.toLowerCase())
  if (found !== undefined) return found
  throw new UnusableSource(
    `the recording has no requests to ${JSON.stringify(wanted)}`,
    `It has requests to: ${listed(names)}.`,
  )
}

function isPage({ mediaType, resourceType }: RecordedRequest): boolean {
  return mediaType === 'text/html' || resourceType === 'document'
}

/** Tells whether a request is for a page or for data, and was answered itself. */
function isEssential(request: RecordedRequest): boolean {
  return (
    request.location === undefined && (isPage(request) || isJsonType(request.mediaType) || request.body !== undefined)
  )
}

/** Returns the part of a host name that the hosts of one site share; an address as it is. */
function siteOf(hostname: string): string {
  return /^[\d.]+$|:/.test(hostname) ? hostname : hostname.split('.').slice(-2).join('.')
}

function isSocket({ url, status, resourceType }: RecordedRequest): boolean {
  return url.protocol.startsWith('ws') || status === 101 || resourceType?.toLowerCase() === 'websocket'
}

function isStatic({ url, mediaType, resourceType, method }: RecordedRequest): boolean {
  if (method !== 'GET' && method !== 'HEAD')
    return resourceType !== undefined && /^(ping|beacon|csp)/i.test(resourceType)
  if (resourceType !== undefined && STATIC_TYPES.test(resourceType)) return true
  if (STATIC_MEDIA.test(mediaType)) return true
  // Some proxies record no types, and a 304 has none.
  return STATIC_FILES.test(url.pathname) && !/json|html|xml$/.test(mediaType)
}

/** Tells whether the browser sent a request by itself, or took the response from its cache. */
function isOfTheBrowser({ isFromCache, method, resourceType, mediaType }: RecordedRequest): boolean {
  return (
    isFromCache ||
    /^(OPTIONS|CONNECT)$/.test(method) ||
    resourceType === 'preflight' ||
    mediaType.startsWith('application/ocsp-')
  )
}

function wasOrWere(count: number): string {
  return count === 1 ? 'was' : 'were'
}
