import { type Vocabulary, vocabularyWith } from '../metrics/vocabulary.ts'
import type { UserPlan } from '../user/user-kind.ts'
import { Inspector } from './inspector.ts'
import { readMetrics, readTagKeys } from './read-metrics.ts'
import { readUsers, tagKeysOf } from './read-users.ts'

/** Reads the metrics and tags that a scenario declares, and those that its users have. */
export function readVocabulary(
  inspector: Inspector,
  { metrics, tags }: Record<string, unknown>,
  users: readonly UserPlan[],
): Vocabulary {
  const custom = readMetrics(inspector, 'metrics', metrics)
  return vocabularyWith(custom, readTagKeys(inspector, 'tags', tags), tagKeysOf(users))
}

/** Returns the metrics and tags that conditions may name, of a scenario whose errors are reported elsewhere. */
export function vocabularyOf(scenario: unknown): Vocabulary {
  const inspector = new Inspector()
  const fields = (scenario ?? {}) as Record<string, unknown>
  return readVocabulary(inspector, fields, readUsers(inspector, 'users', fields['users']))
}
