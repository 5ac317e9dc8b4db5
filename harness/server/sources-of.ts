import type { Clock } from '../../core/clock.ts'
import type { Network } from '../client/engine/network.ts'
import type { MetricSource } from './metric-source.ts'
import type { ObservedEndpoint } from './observed-endpoint.ts'
import { PrometheusSource } from './prometheus-source.ts'

/** Series kept of all endpoints together. */
const MOST_SERIES = 60

/** Returns a source for each endpoint. They share the room for series evenly. */
export function sourcesOf(endpoints: readonly ObservedEndpoint[], clock: Clock, network?: Network): MetricSource[] {
  const mostSeries = Math.floor(MOST_SERIES / Math.max(1, endpoints.length))
  const places = new Map<string, number>()
  return endpoints.map(endpoint => {
    // Addresses may differ in what is not shown.
    const ordinal = (places.get(endpoint.place) ?? 0) + 1
    places.set(endpoint.place, ordinal)
    const place = ordinal === 1 ? endpoint.place : `${endpoint.place} (${ordinal})`
    return new PrometheusSource({ ...endpoint, place }, { clock, mostSeries, network })
  })
}
