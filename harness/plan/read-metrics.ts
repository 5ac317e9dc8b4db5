import { type MetricKind, tagNames } from '../metrics/catalog.ts'
import type { CustomMetric } from '../metrics/custom-metric.ts'
import { type TagValues, usable } from '../metrics/tag-sets.ts'
import { at, type Inspector } from './inspector.ts'
import { noteClashes } from './exposed-names.ts'

/** Matches names that all formats of metrics can carry. */
const NAME = /^[A-Za-z][A-Za-z0-9_]*$/
const LONGEST_NAME = 100
const LONGEST_UNIT = 30
const MOST_METRICS = 100
const MOST_TAGS = 20
const FIELDS: readonly (keyof CustomMetric)[] = ['name', 'kind', 'unit', 'description', 'tags', 'better']
const KINDS: readonly MetricKind[] = ['counter', 'rate', 'gauge', 'trend']
/** Labels that the text formats use themselves. */
const RESERVED_KEYS: readonly string[] = ['le', 'quantile']

/** Reads the metrics that a scenario declares. */
export function readMetrics(inspector: Inspector, path: string, value: unknown): CustomMetric[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) {
    inspector.expected(path, "an array such as [counter('basket_value', { unit: 'EUR' })]", value)
    return []
  }
  if (value.length > MOST_METRICS) inspector.note(path, `expected at most ${MOST_METRICS} metrics, got ${value.length}`)
  const read = value.map((item, index) => ({
    path: at(path, index),
    metric: readMetric(inspector, at(path, index), item),
  }))
  noteClashes(inspector, read)
  return read.flatMap(({ metric }) => metric ?? [])
}

/** Reads the keys of the tags that a scenario declares for its requests. */
export function readTagKeys(inspector: Inspector, path: string, value: unknown): string[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) {
    inspector.expected(path, "an array of keys such as ['region']", value)
    return []
  }
  if (value.length > MOST_TAGS) inspector.note(path, `expected at most ${MOST_TAGS} tags, got ${value.length}`)
  return value.map((key: unknown, index) => readKey(inspector, at(path, index), key))
}

/** Reads the tags of a user or task. */
export function readTags(inspector: Inspector, path: string, value: unknown): TagValues | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    inspector.expected(path, "an object such as { plan: 'gold' }", value)
    return undefined
  }
  for (const [key, given] of Object.entries(value)) {
    readKey(inspector, at(path, key), key)
    if (given === undefined) continue
    try {
      usable(key, given)
    } catch (error) {
      inspector.note(at(path, key), (error as TypeError).message)
    }
  }
  return value as TagValues
}

function readMetric(inspector: Inspector, path: string, value: unknown): CustomMetric | undefined {
  if (
    typeof value !== 'object' ||
    value === null ||
    !KINDS.includes((value as Partial<CustomMetric>).kind as MetricKind)
  ) {
    inspector.expected(path, "a metric such as counter('basket_value')", value)
    return undefined
  }
  const before = inspector.errors.length
  const { name, unit, description, tags, better } = inspector.fields(path, value, FIELDS)
  const named = readName(inspector, at(path, 'name'), name)
  if (typeof unit !== 'string' || unit.trim() === '' || unit.length > LONGEST_UNIT)
    inspector.expected(at(path, 'unit'), `a text of 1 to ${LONGEST_UNIT} characters`, unit)
  if (typeof description !== 'string') inspector.expected(at(path, 'description'), 'a text', description)
  inspector.oneOf(at(path, 'better'), better, ['higher', 'lower'])
  readTagKeys(inspector, at(path, 'tags'), tags)
  return named && inspector.errors.length === before ? (value as CustomMetric) : undefined
}

function readName(inspector: Inspector, path: string, name: unknown): boolean {
  if (typeof name !== 'string' || !NAME.test(name) || name.length > LONGEST_NAME) {
    inspector.expected(path, `a name of up to ${LONGEST_NAME} letters, digits and _ that begins with a letter`, name)
    return false
  }
  const [suffix] = /_(?:total|bucket|created|info)$/.exec(name) ?? []
  if (suffix !== undefined)
    inspector.note(path, `${name} ends with ${suffix}, which the formats of metrics add themselves`)
  return suffix === undefined
}

function readKey(inspector: Inspector, path: string, key: unknown): string {
  if (typeof key !== 'string' || !NAME.test(key) || key.length > LONGEST_NAME) {
    inspector.expected(path, `a key of up to ${LONGEST_NAME} letters, digits and _ that begins with a letter`, key)
    return ''
  }
  if ((tagNames as readonly string[]).includes(key))
    inspector.note(path, `${key} is a tag of Loadcell itself: choose another key`)
  if (RESERVED_KEYS.includes(key))
    inspector.note(path, `${key} has a meaning in the formats of metrics: choose another key`)
  return key
}
