import type { Tags } from '../metrics/catalog.ts'
import type { Comparison, Threshold, ThresholdVerdict } from './threshold.ts'
import type { Value } from '../metrics/series.ts'
import type { Snapshot } from '../metrics/snapshot.ts'
import { evidenceOf, evidenceSelector } from './evidence.ts'
import { chooseReading } from './selector.ts'

/**
 * Returns the verdict of a threshold on the measurements in `elapsedMs`, the time of the run or of its phase. All series that
 * match its selector count as one.
 */
export function judge(threshold: Threshold, snapshot: Snapshot, elapsedMs: number): ThresholdVerdict {
  const { source, comparison, limit, unit } = threshold
  const selector = selectorOf(threshold, snapshot)
  const samples = samplesOf(threshold, selector, snapshot)
  const verdict = { ...source, limit, unit, samples }
  if (samples === 0) return { ...verdict, state: 'no-data' }
  const value = snapshot.merged(threshold.metric, selector)
  const observed = value === undefined ? 0 : observe(threshold, value, elapsedMs)
  return {
    ...verdict,
    state: holds[comparison](observed, limit) ? 'passed' : 'failed',
    observed,
    ...(limit !== 0 && { margin: marginOf(observed, comparison, limit) }),
  }
}

/** Tells whether a failed threshold should end the run. */
export function demandsAbort(threshold: Threshold, verdict: ThresholdVerdict, elapsedMs: number): boolean {
  return threshold.abortOnFail && verdict.state === 'failed' && elapsedMs >= threshold.delayAbortEvalMs
}

/** Returns the selector of a threshold that fits what was measured. */
export function selectorOf(threshold: Threshold, snapshot: Snapshot): Tags {
  return chooseReading(threshold.readings, reading => samplesOf(threshold, reading, snapshot) > 0)
}

function samplesOf({ metric, kind }: Threshold, selector: Tags, snapshot: Snapshot): number {
  const samples = evidenceOf(metric, kind)
    .flatMap(proof => snapshot.select(proof, evidenceSelector(metric, proof, selector)))
    .reduce((sum, { value }) => sum + countOf(value), 0)
  // A counter that has counted needs no other evidence.
  if (samples > 0 || kind !== 'counter') return samples
  return snapshot.select(metric, selector).some(({ value }) => countOf(value) > 0) ? 1 : 0
}

function countOf(value: Value): number {
  switch (value.kind) {
    case 'counter':
    case 'rate':
      return value.total
    case 'gauge':
      return 1
    case 'trend':
      return value.histogram.count
  }
}

function observe({ aggregation }: Threshold, value: Value, elapsedMs: number): number {
  switch (value.kind) {
    case 'counter':
      return aggregation === 'rate' ? value.total / Math.max(elapsedMs / 1000, Number.MIN_VALUE) : value.total
    case 'rate':
      return aggregation === 'rate' ? value.hits / value.total : value.total
    case 'gauge':
      if (aggregation === 'min') return value.min ?? value.last
      return aggregation === 'max' ? value.max : value.last
    case 'trend': {
      const { histogram } = value
      if (typeof aggregation === 'object') return histogram.percentile(aggregation.percentile)
      if (aggregation === 'count') return histogram.count
      if (aggregation === 'min') return histogram.minMs
      if (aggregation === 'max') return histogram.maxMs
      return aggregation === 'avg' ? histogram.meanMs : histogram.percentile(50)
    }
  }
}

const holds: Record<Comparison, (observed: number, limit: number) => boolean> = {
  '<': (observed, limit) => observed < limit,
  '<=': (observed, limit) => observed <= limit,
  '>': (observed, limit) => observed > limit,
  '>=': (observed, limit) => observed >= limit,
  '==': (observed, limit) => observed === limit,
  '!=': (observed, limit) => observed !== limit,
}

/** Returns the distance to the limit as a share of it; positive where the condition holds. */
function marginOf(observed: number, comparison: Comparison, limit: number): number {
  const excess = (observed - limit) / Math.abs(limit)
  if (comparison === '==') return -Math.abs(excess)
  if (comparison === '!=') return Math.abs(excess)
  return comparison.startsWith('<') ? 0 - excess : excess
}
