import { observedEndpoint, type ObservedEndpoint, parseObserveFlag } from '../server/observed-endpoint.ts'
import { at, type Inspector } from './inspector.ts'

/** Each endpoint costs the generator time and memory. */
const MOST_ENDPOINTS = 8

/** Reads the endpoints that a scenario observes. */
export function readObserved(inspector: Inspector, path: string, value: unknown): ObservedEndpoint[] {
  if (value === undefined) return []
  return inspector.list(path, value).flatMap((item, index) => {
    const place = at(path, index)
    const fields = inspector.fields(place, item, ['prometheus', 'series'])
    const url = inspector.text(at(place, 'prometheus'), fields['prometheus'])
    const series =
      fields['series'] === undefined
        ? []
        : inspector
            .list(at(place, 'series'), fields['series'])
            .map((name, ordinal) => inspector.text(at(at(place, 'series'), ordinal), name))
    if (url === '' || series.includes('')) return []
    return endpointOr(inspector, place, () => observedEndpoint(url, series))
  })
}

/** Reads the endpoints of the command line. */
export function readGivenEndpoints(inspector: Inspector, flag: string, given: readonly string[]): ObservedEndpoint[] {
  return given.flatMap(text => endpointOr(inspector, flag, () => parseObserveFlag(text)))
}

export function noteTooMany(inspector: Inspector, path: string, observed: readonly ObservedEndpoint[]): void {
  if (observed.length > MOST_ENDPOINTS) {
    inspector.note(
      path,
      `expected at most ${MOST_ENDPOINTS} endpoints, with those of --observe, got ${observed.length}`,
    )
  }
}

function endpointOr(inspector: Inspector, path: string, read: () => ObservedEndpoint): ObservedEndpoint[] {
  try {
    return [read()]
  } catch (error) {
    inspector.note(path, (error as RangeError).message)
    return []
  }
}
