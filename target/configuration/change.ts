import { isDeepStrictEqual } from 'node:util'
import type { Configuration } from './configuration.ts'
import { ConfigurationDraft, ConfigurationError } from './draft.ts'
import { keys } from './keys.ts'
import { restoreSecrets } from './secrets.ts'

/** Keys and sections that are only read at the start. */
const NEEDS_RESTART = [
  'seed',
  'http',
  'tls',
  'http2',
  'control.port',
  'auth.algorithm',
  'catalog.products',
  'streams.partitions',
  'sockets.frameBytes',
  'sockets.compression',
  'llm.enabled',
  'ledger',
  'graphql.enabled',
  'graphql.introspection',
  'stomp.enabled',
  'grpc.enabled',
  'grpc.reflection',
  'socketio.enabled',
  'socketio.pingInterval',
  'socketio.pingTimeout',
  'socketio.connectTimeout',
  'socketio.upgradeTimeout',
  'socketio.payloadBytes',
]

/** Tells whether a running target takes a new value of a key. */
export function changesLive(path: string): boolean {
  return !NEEDS_RESTART.some(fixed => path === fixed || path.startsWith(`${fixed}.`))
}

/**
 * Returns the configuration of a document, with defaults, as the successor of the current one.
 * @throws ConfigurationError if a value is wrong or a change needs a restart
 */
export function successor(current: Configuration, document: unknown): Configuration {
  const draft = new ConfigurationDraft()
  draft.addDocument(restoreSecrets(document, current))
  const next = draft.finish()
  const issues = keys
    .filter(({ path }) => !changesLive(path))
    .filter(({ path }) => !isDeepStrictEqual(valueAt(current, path), valueAt(next, path)))
    .map(({ path }) => ({
      pointer: `/${path.replaceAll('.', '/')}`,
      detail: `expected ${JSON.stringify(valueAt(current, path))} until the target is started again, got ${JSON.stringify(valueAt(next, path))}`,
    }))
  if (issues.length > 0) throw new ConfigurationError(issues)
  return next
}

/**
 * Applies a JSON merge patch (RFC 7386). A null removes a key, which restores its default. Objects with a `type` are replaced as
 * a whole, because each type of distribution has parameters of its own.
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
