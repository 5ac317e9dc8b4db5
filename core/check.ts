import type { Static, TProperties, TSchema } from 'typebox'
import type * as Library from 'typebox/schema'
import { lateModule } from './late-module.ts'
import { Type } from './schema.ts'
import { shortened } from './shortened.ts'

/** An error in a value: a JSON pointer to its place, and a sentence that states what was expected and what came. */
export interface PointedError {
  pointer: string
  detail: string
}

/** Whether a JSON value is an object, which a list is not. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The option of an object schema that allows no keys other than its own. */
export const closed = { additionalProperties: false }

/** Returns the schema of one member of a union, identified by its `type`. It allows no other keys. */
export function variant<const Name extends string, Properties extends TProperties = {}>(
  type: Name,
  properties: Properties = {} as Properties,
) {
  return Type.Object({ type: Type.Literal(type), ...properties }, closed)
}

/**
 * Checks values against a schema: `check` is the hot path, `errors` the explanation. A schema may state in `expected` what it accepts, where its pattern would not be readable.
 */
export interface Checker<T> {
  check(value: unknown): value is T
  /** Returns the errors, each with a JSON pointer and a sentence that states what was expected and what came. */
  errors(value: unknown): PointedError[]
}

const MOST_ERRORS = 20

/**
 * Loads the library that checks: 235 modules, which take 60 ms of CPU time. The first check does so, too, but is late by as much.
 * A target checks its configuration before it listens; most runs check nothing before they end.
 */
export const loadChecker = lateModule<typeof Library>('typebox/schema')

export function checker<S extends TSchema>(schema: S): Checker<Static<S>> {
  // Compiled when it is first needed: of about a hundred schemas, a short run needs a few.
  let compiled: Library.Validator | undefined
  return {
    check: (value): value is Static<S> => (compiled ??= loadChecker().Compile(schema)).Check(value),
    errors: value => explain(errorsIn(schema, value), schema, value),
  }
}

function errorsIn(schema: TSchema, value: unknown): SchemaError[] {
  const [, errors] = loadChecker().Errors(schema, value)
  return errors
}

interface SchemaError {
  keyword: string
  schemaPath: string
  instancePath: string
  params: Record<string, unknown>
  message: string
}

function explain(errors: SchemaError[], schema: TSchema, root: unknown): PointedError[] {
  return findings(errors, schema, root).map(({ pointer, expected, got }) => ({
    pointer,
    detail: `expected ${expected}, got ${got}`,
  }))
}

function findings(errors: SchemaError[], schema: TSchema, root: unknown): Finding[] {
  const byPointer = new Map<string, Finding>()
  for (const found of errors.flatMap(error => pointAt(error, schema, root))) {
    const known = byPointer.get(found.pointer)
    // A union reports each arm that does not fit. Their expectations are joined, unless the schema states its own.
    if (known === undefined || found.final) byPointer.set(found.pointer, found)
    else if (!known.final && !known.expected.includes(found.expected)) known.expected += ` or ${found.expected}`
    if (byPointer.size >= MOST_ERRORS) break
  }
  return [...byPointer.values()]
}

interface Finding {
  pointer: string
  expected: string
  got: string
  final: boolean
}

function pointAt(error: SchemaError, schema: TSchema, root: unknown): Finding[] {
  const { keyword, instancePath, params } = error
  const union = unionAround(error, schema)
  if (union !== undefined) {
    const { pointer } = union
    const value = valueAt(root, pointer)
    const arm = armMeant(union.arms, value)
    if (arm !== undefined) {
      return findings(errorsIn(arm, value), arm, value).map(found => ({
        ...found,
        pointer: pointer + found.pointer,
        final: true,
      }))
    }
    if (union.expected !== undefined) return [{ pointer, expected: union.expected, got: describe(value), final: true }]
  }
  const keys = (names: unknown, expected: string, got: (name: string) => string) =>
    (names as string[]).map(name => ({
      pointer: instancePath + pointerStep(name),
      expected,
      got: got(name),
      final: false,
    }))
  const node = (valueAt(schema, error.schemaPath.slice(1)) ?? {}) as Expectation
  if (node.expected === undefined) {
    // Each of these comes with another error that says more.
    if (keyword === 'anyOf' || keyword === 'boolean') return []
    if (keyword === 'required') return keys(params['requiredProperties'], 'a value', () => 'nothing')
    const unknown = params['additionalProperties'] ?? params['unevaluatedProperties']
    if (unknown !== undefined) return keys(unknown, 'no such key', name => JSON.stringify(name))
  }
  const expected = node.expected ?? expectedOf(error, node)
  const got = describe(valueAt(root, instancePath))
  return [{ pointer: instancePath, expected, got, final: node.expected !== undefined }]
}

interface Expectation {
  expected?: string
  minimum?: number
  maximum?: number
}

/** Says what a value should have been, by the keyword of the schema that it does not fit. */
function expectedOf({ keyword, params, message }: SchemaError, node: Expectation): string {
  const limit = params['limit'] as number
  switch (keyword) {
    case 'type':
      return article([params['type']].flat().join(' or '))
    case 'const':
      return JSON.stringify(params['allowedValue'])
    case 'enum':
      return (params['allowedValues'] as unknown[]).map(value => JSON.stringify(value)).join(' or ')
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
      return range(node) ?? `a number ${params['comparison'] as string} ${limit}`
    case 'pattern':
      return `text like ${String(params['pattern'])}`
    case 'minLength':
      return `text with at least ${limit} characters`
    case 'maxLength':
      return `text with at most ${limit} characters`
    case 'minItems':
      return `at least ${limit} items`
    case 'maxItems':
      return `at most ${limit} items`
    default:
      return message
  }
}

/**
 * Returns the outermost union that an error lies within. Listing what each of its arms misses would take many lines, and of
 * many arms the checker reports only the first.
 */
function unionAround(
  { schemaPath, instancePath }: SchemaError,
  schema: TSchema,
): { pointer: string; expected: string | undefined; arms: TSchema[] } | undefined {
  const steps = schemaPath.split('/')
  const armAt = steps.indexOf('anyOf')
  if (armAt === -1) return undefined
  const { expected, anyOf } = valueAt(schema, steps.slice(0, armAt).join('/').slice(1)) as {
    expected?: string
    anyOf: TSchema[]
  }
  // Depth of the union in the value: `properties/<name>` and `items` each lead one step down.
  let depth = 0
  for (let at = 1; at < armAt; at += steps[at] === 'properties' ? 2 : 1) depth += 1
  const pointer = instancePath.split('/', depth + 1).join('/')
  return { pointer, expected, arms: anyOf.flatMap(armsOf) }
}

/** Returns the arms of a schema, with nested unions flattened. */
function armsOf(schema: TSchema): TSchema[] {
  return 'anyOf' in schema ? (schema.anyOf as TSchema[]).flatMap(armsOf) : [schema]
}

/** Returns the arm with the same `type` as a value. If several have it, returns the one that shares the most keys. */
function armMeant(arms: TSchema[], value: unknown): TSchema | undefined {
  if (typeof value !== 'object' || value === null || !('type' in value)) return undefined
  let meant: { arm: TSchema; known: number } | undefined
  for (const arm of arms) {
    const { properties = {} } = arm as { properties?: Record<string, { const?: unknown }> }
    if (properties['type'] === undefined || properties['type'].const !== value.type) continue
    const known = Object.keys(value).filter(key => Object.hasOwn(properties, key)).length
    if (meant === undefined || known > meant.known) meant = { arm, known }
  }
  return meant?.arm
}

function range({ minimum, maximum }: Expectation): string | undefined {
  return minimum === undefined || maximum === undefined ? undefined : `${minimum}…${maximum}`
}

function article(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`
}

/** Describes a value in a few words, for `expected …, got …`. */
export function describe(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (typeof value === 'object' && value !== null) return 'an object'
  // A double does not keep the digits that were sent.
  if (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER) {
    return `a number beyond ±${Number.MAX_SAFE_INTEGER}`
  }
  const text = JSON.stringify(value) ?? typeof value
  return shortened(text, 80)
}

function valueAt(root: unknown, pointer: string): unknown {
  let value = root
  for (const part of pointer.split('/').slice(1)) {
    if (typeof value !== 'object' || value === null) return undefined
    value = (value as Record<string, unknown>)[part.replaceAll('~1', '/').replaceAll('~0', '~')]
  }
  return value
}

/** Returns a key as a step of a JSON pointer (RFC 6901 §3). */
export function pointerStep(key: string): string {
  return `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
}

/** Returns `/faults/2/share` as people write it: `faults[2].share`. */
export function dottedPath(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((path, part) => (/^\d+$/.test(part) ? `${path}[${part}]` : path === '' ? part : `${path}.${part}`), '')
}
