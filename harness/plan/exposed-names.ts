import { type MetricDefinition, metrics } from '../metrics/catalog.ts'
import type { CustomMetric } from '../metrics/custom-metric.ts'
import type { Inspector } from './inspector.ts'

/** Names in the formats of metrics that are not those of samples. */
const ofRun: readonly string[] = [
  'run',
  'run_duration_seconds',
  'run_exit_code',
  'threshold_passed',
  'threshold_observed',
  'server_mean',
  'server_max',
  'saturated_after_seconds',
]

type NamedMetric = Pick<MetricDefinition, 'kind' | 'unit'> & { name: string }

/** Notes metrics that thresholds or formats could not tell from those of the harness, or from each other. */
export function noteClashes(
  inspector: Inspector,
  declared: readonly { path: string; metric: CustomMetric | undefined }[],
): void {
  const taken = new Map<string, { owner: NamedMetric; isBuiltIn: boolean }>()
  const take = (owner: NamedMetric, isBuiltIn: boolean) => {
    for (const name of exposedNames(owner)) taken.set(name, { owner, isBuiltIn })
  }
  for (const name of ofRun) take({ name, kind: 'counter', unit: 'count' }, true)
  for (const [name, definition] of Object.entries(metrics)) take({ name, ...definition }, true)
  for (const { path, metric } of declared) {
    if (metric === undefined) continue
    const [clash] = exposedNames(metric).flatMap(name => taken.get(name) ?? [])
    if (clash === undefined) take(metric, false)
    else inspector.note(path, clashOf(metric, clash))
  }
}

function clashOf(
  { name, kind }: NamedMetric,
  { owner, isBuiltIn }: { owner: NamedMetric; isBuiltIn: boolean },
): string {
  if (owner.name !== name)
    return `${name} is exported under the same name as a part of the ${owner.kind} ${owner.name}: choose another name`
  if (isBuiltIn) return `${name} is a metric of Loadcell itself: choose another name`
  if (owner.kind !== kind) return `${name} is a ${kind} here and a ${owner.kind} above: a metric has one kind`
  return `${name} is declared twice: declare it once and use that`
}

/** Returns the names that a metric has in thresholds and in the formats of metrics: a rate is two counters, a distribution has parts. */
export function exposedNames({ name, kind, unit }: NamedMetric): string[] {
  switch (kind) {
    case 'counter':
      return unit === 'bytes' ? [name, `${name}_bytes`] : [name]
    case 'rate':
      return [name, `${name}_hits`, `${name}_samples`]
    case 'gauge':
      return [name, `${name}_max`, `${name}_min`]
    case 'trend': {
      const suffix = unit === 'ms' ? '_seconds' : unit === 'bytes' ? '_bytes' : ''
      const shown = name + suffix
      return [...new Set([name, shown, `${shown}_sum`, `${shown}_count`, `${name}_distribution${suffix}`])]
    }
  }
}
