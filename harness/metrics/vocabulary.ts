import { type MetricDefinition, metrics, tagNames } from './catalog.ts'
import type { CustomMetric } from './custom-metric.ts'

/** Metrics and tags that thresholds and selectors may name. */
export interface MetricVocabulary {
  readonly metrics: ReadonlyMap<string, MetricDefinition>
  readonly tags: readonly string[]
  /** The tags among them that requests may have. */
  readonly requestTags: readonly string[]
  /** The metrics among them that a scenario declares. */
  readonly custom: ReadonlyMap<string, CustomMetric>
}

/** The metrics and tags of the harness. */
export const builtInVocabulary: MetricVocabulary = {
  metrics: new Map(Object.entries(metrics)),
  tags: tagNames,
  requestTags: [],
  custom: new Map(),
}

/** Returns the metrics and tags of the harness, and those of a scenario. */
export function vocabularyWith(
  custom: readonly CustomMetric[],
  requestTags: readonly string[],
  userTags: readonly string[],
): MetricVocabulary {
  return {
    metrics: new Map<string, MetricDefinition>([
      ...builtInVocabulary.metrics,
      ...custom.map(metric => [metric.name, metric] as const),
    ]),
    requestTags,
    custom: new Map(custom.map(metric => [metric.name, metric])),
    tags: [...new Set([...tagNames, ...requestTags, ...userTags, ...custom.flatMap(metric => metric.tags)])],
  }
}
