import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type * as Change from '../../target/configuration/change.ts'
import type * as Keys from '../../target/configuration/keys.ts'
import type { GeneratedPage } from './scenario-pages.ts'

type Key = (typeof Keys)['keys'][number]

const folder = resolve(import.meta.dirname, '../../target/configuration')

/** Returns the page of the keys of the target's configuration, from the schema that it reads them with. */
export async function configurationPages(): Promise<GeneratedPage[]> {
  // Imported by Node itself: the generator would bundle the modules.
  const { keys } = (await import(pathToFileURL(resolve(folder, 'keys.ts')).href)) as typeof Keys
  const { changesLive } = (await import(pathToFileURL(resolve(folder, 'change.ts')).href)) as typeof Change
  const sections = Map.groupBy(keys, ({ path }) => path.split('.', 1)[0]!)
  const content = [
    '# Configuration keys',
    'Every key of the target, from the schema that the target checks its configuration with. [The target](../target.md#configuration) says where a configuration comes from. A key that changes live takes a new value from the [control plane](../target.md#control-plane) while the target runs; any other needs a restart.',
    'The variable of a key in the environment is its path in capitals: `auth.tokenTtl` is `LOADCELL_AUTH_TOKEN_TTL`.',
    ...[...sections].flatMap(([name, own]) => [`## ${name}`, tableOf(own, changesLive)]),
  ].join('\n\n')
  return [{ name: 'keys', content }]
}

function tableOf(keys: readonly Key[], changesLive: (path: string) => boolean): string {
  return [
    '| key | type | unit | default | live | meaning |',
    '| --- | --- | --- | --- | --- | --- |',
    ...keys.map(key => {
      const { path, schema } = key
      const cells = [`\`${path}\``, typeOf(schema), unitOf(key), defaultOf(schema), changesLive(path) ? 'yes' : 'no']
      return `| ${[...cells, schema.description ?? ''].map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`
    }),
  ].join('\n')
}

function typeOf({ type, enum: words, minimum, maximum, expected }: Key['schema']): string {
  if (words !== undefined) return words.map(word => `\`${String(word)}\``).join(', ')
  if (type === 'integer' || type === 'number') {
    const kind = type === 'integer' ? 'whole number' : 'number'
    return minimum === undefined || maximum === undefined ? kind : `${kind} ${shown(minimum)}…${shown(maximum)}`
  }
  if (type === 'boolean') return '`true`, `false`'
  if (type === 'array') return 'list'
  if (type === 'string') return 'text'
  if (expected?.includes('or a distribution')) return '[distribution](../distributions.md)'
  if (expected?.startsWith('a duration')) return 'duration'
  return expected ?? 'see its meaning'
}

function unitOf({ path, schema: { type, maximum, expected, description = '' } }: Key): string {
  if (expected?.startsWith('a duration')) return 'ms, or as written: `250ms`, `1.5s`'
  if (type !== 'integer' && type !== 'number') return '–'
  if (path.endsWith('Bytes')) return 'bytes'
  if (path.endsWith('Ms')) return 'ms'
  if (path.endsWith('PerMinute')) return 'per minute'
  if (/\b(?:a|per) second\b/.test(description)) return 'per second'
  return type === 'number' && maximum === 1 ? 'share' : '–'
}

/** Lists and objects of the defaults are as long as a page. */
const LONGEST_DEFAULT = 60

function defaultOf({ default: value }: Key['schema']): string {
  if (value === undefined) return 'none'
  if (value === '') return 'empty'
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  if (text.length <= LONGEST_DEFAULT) return `\`${text}\``
  return Array.isArray(value)
    ? `[${value.length} of them](../target.md#configuration)`
    : '[long](../target.md#configuration)'
}

function shown(limit: number): string {
  return limit.toLocaleString('en')
}
