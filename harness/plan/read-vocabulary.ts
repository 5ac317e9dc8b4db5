import { type MetricVocabulary, vocabularyWith } from '../metrics/vocabulary.ts'
import { Inspector } from './inspector.ts'
import { readMetrics, readTagKeys } from './read-metrics.ts'

/** Reads the metrics and tags that a scenario declares, and finds those that its loads and users have. */
export function readVocabulary(
  inspector: Inspector,
  { metrics, tags, users, loads }: Record<string, unknown>,
): MetricVocabulary {
  const custom = readMetrics(inspector, 'metrics', metrics)
  const named = valuesOf(loads)
  const kinds = [users, ...named.map(load => fieldsOf(load)['users'])].flatMap(valuesOf)
  return vocabularyWith(custom, readTagKeys(inspector, 'tags', tags), [...named, ...kinds].flatMap(tagKeysOf))
}

/** Returns the metrics and tags that conditions may name, of a scenario whose errors are reported elsewhere. */
export function vocabularyOf(scenario: unknown): MetricVocabulary {
  return readVocabulary(new Inspector(), fieldsOf(scenario))
}

/** Returns the keys of the tags of a load, or of a user and its tasks, which are checked elsewhere. */
function tagKeysOf(user: unknown): string[] {
  const { tags, tasks } = fieldsOf(user)
  return [tags, ...valuesOf(tasks).map(task => fieldsOf(task)['tags'])].flatMap(own => Object.keys(fieldsOf(own)))
}

function valuesOf(value: unknown): unknown[] {
  return Object.values(fieldsOf(value))
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
