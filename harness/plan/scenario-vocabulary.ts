import { type Vocabulary, vocabularyWith } from '../metrics/vocabulary.ts'
import { Inspector } from './inspector.ts'
import { readMetrics, readTagKeys } from './read-metrics.ts'
import { readUsers, tagKeysOf } from './read-users.ts'

/** Returns the metrics and tags that conditions may name, of a scenario whose errors are reported elsewhere. */
export function vocabularyOf(scenario: unknown): Vocabulary {
  const inspector = new Inspector()
  const { metrics, tags, users } = (scenario ?? {}) as Record<string, unknown>
  const kinds = readUsers(inspector, 'users', users)
  return vocabularyWith(readMetrics(inspector, 'metrics', metrics), [
    ...readTagKeys(inspector, 'tags', tags),
    ...tagKeysOf(kinds),
  ])
}
