import { type MetricDefinition, metrics, tagNames } from './catalog.ts'
import type { CustomMetric } from './custom-metric.ts'

/** Metrics and tags that thresholds and selectors may name. */
export interface Vocabulary {
  readonly metrics: ReadonlyMap<string, MetricDefinition>
  readonly tags: readonly string[]
  /** The metrics among them that a scenario declares. */
  readonly custom: ReadonlyMap<string, CustomMetric>
}

/** The metrics and tags of the harness. */
export const builtInVocabulary: Vocabulary = {
  metrics: new Map(Object.entries(metrics)),
  tags: tagNames,
  custom: new Map(),
}

/** Returns the metrics and tags of the harness, and those of a scenario. */
export function vocabularyWith(custom: readonly CustomMetric[], tags: readonly string[]): Vocabulary {
  return {
    metrics: new Map<string, MetricDefinition>([
      ...builtInVocabulary.metrics,
      ...custom.map(metric => [metric.name, metric] as const),
    ]),
    custom: new Map(custom.map(metric => [metric.name, metric])),
    tags: [...new Set([...tagNames, ...tags, ...custom.flatMap(metric => metric.tags)])],
  }
}
