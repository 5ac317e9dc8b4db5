import { isDeepStrictEqual } from 'node:util'
import type { Configuration } from './configuration.ts'
import { ConfigurationDraft, ConfigurationError } from './draft.ts'
import { keys } from './keys.ts'
import { restoreSecrets } from './secrets.ts'

/** Keys, and sections of them, that only a start reads. */
const NEEDS_RESTART = [
  'seed',
  'http',
  'control.port',
  'auth.algorithm',
  'catalog.products',
  'streams.partitions',
  'sockets.frameBytes',
  'sockets.compression',
  'ledger',
]

/**
 * The configuration that a document stands for, defaults filled in, as the successor of the current one.
 * @throws ConfigurationError when any of it is wrong or needs a restart.
 */
export function successor(current: Configuration, document: unknown): Configuration {
  const draft = new ConfigurationDraft()
  draft.addDocument(restoreSecrets(document, current))
  const next = draft.finish()
  const issues = keys
    .filter(({ path }) => NEEDS_RESTART.some(fixed => path === fixed || path.startsWith(`${fixed}.`)))
    .filter(({ path }) => !isDeepStrictEqual(valueAt(current, path), valueAt(next, path)))
    .map(({ path }) => ({
      pointer: `/${path.replaceAll('.', '/')}`,
      detail: `expected ${JSON.stringify(valueAt(current, path))} until the target is started again, got ${JSON.stringify(valueAt(next, path))}`,
    }))
  if (issues.length > 0) throw new ConfigurationError(issues)
  return next
}

/**
 * RFC 7386: null takes a key away, so that its default comes back. Only what has a `type` is replaced whole: the parameters of
 * one type of distribution mean nothing to another.
 */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isPlainObject(patch) || 'type' in patch) return patch
  const merged: Record<string, unknown> = isPlainObject(target) ? { ...target } : {}
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name]
    else merged[name] = mergePatch(merged[name], value)
  }
  return merged
}

function valueAt(configuration: Configuration, path: string): unknown {
  return path.split('.').reduce<unknown>((node, name) => (node as Record<string, unknown>)[name], configuration)
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
