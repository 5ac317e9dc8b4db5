import type { FanOutReceipt } from '../metrics/fan-out-receipts.ts'
import type { Interval } from '../metrics/interval.ts'
import type { Break, LagSeries, MemberLagSeries, Observations } from '../metrics/observations.ts'
import { decodeDelta, type EncodedDelta, encodeDelta } from './encoded-snapshot.ts'

/** An interval as JSON. */
export interface EncodedInterval extends Omit<Interval, 'delta' | 'observations'> {
  delta: EncodedDelta
  observations?: EncodedObservations
}

interface EncodedObservations extends Omit<Observations, 'breaks' | 'lag' | 'lagUnavailable' | 'receipts'> {
  breaks: (Omit<Break, 'backAtMs'> & { backAtMs: number | null })[]
  lag: [key: string, series: EncodedLag][]
  lagUnavailable: string | null
  receipts: { stride: number; events: [key: string, receipt: FanOutReceipt][] }
}

/** Seconds without a value are null, because JSON has no undefined. */
type WithNulls<Series extends { lag: unknown }> = Omit<Series, 'lag' | 'members'> & { lag: (number | null)[] }
type EncodedLag = WithNulls<LagSeries> & { members: [key: string, member: WithNulls<MemberLagSeries>][] }

export function encodeInterval({ delta, observations, ...rest }: Interval): EncodedInterval {
  return {
    ...rest,
    delta: encodeDelta(delta),
    ...(observations !== undefined && { observations: encodeObservations(observations) }),
  }
}

/** @throws MalformedHistogram */
export function decodeInterval({ delta, observations, ...rest }: EncodedInterval): Interval {
  return {
    ...rest,
    delta: decodeDelta(delta),
    ...(observations !== undefined && { observations: decodeObservations(observations) }),
  }
}

function encodeObservations({ breaks, lag, lagUnavailable, receipts, ...rest }: Observations): EncodedObservations {
  return {
    ...rest,
    breaks: breaks.map(({ backAtMs = null, ...one }) => ({ ...one, backAtMs })),
    lag: [...lag].map(([key, { members, ...series }]) => [
      key,
      { ...encodeGaps(series), members: [...members].map(([key, member]) => [key, encodeGaps(member)]) },
    ]),
    lagUnavailable: lagUnavailable ?? null,
    receipts: { stride: receipts.stride, events: [...receipts.events] },
  }
}

function decodeObservations({ breaks, lag, lagUnavailable, receipts, ...rest }: EncodedObservations): Observations {
  return {
    ...rest,
    breaks: breaks.map(({ backAtMs, ...one }) => ({ ...one, backAtMs: backAtMs ?? undefined })),
    lag: new Map(
      lag.map(([key, { members, ...series }]) => [
        key,
        { ...decodeGaps(series), members: new Map(members.map(([key, member]) => [key, decodeGaps(member)])) },
      ]),
    ),
    lagUnavailable: lagUnavailable ?? undefined,
    receipts: { stride: receipts.stride, events: new Map(receipts.events) },
  }
}

function encodeGaps<Series extends { lag: (number | undefined)[] }>(series: Series) {
  // Array.from visits the holes of a sparse array, unlike map.
  return { ...series, lag: Array.from(series.lag, value => value ?? null) }
}

function decodeGaps<Series extends { lag: (number | null)[] }>(series: Series) {
  return { ...series, lag: series.lag.map(value => value ?? undefined) }
}
