import { createRequire } from 'node:module'
import type { Ajv, AnySchemaObject, ErrorObject, Options } from 'ajv'
import type * as draft07 from 'ajv'
import type * as draft2019 from 'ajv/dist/2019.js'
import type * as draft2020 from 'ajv/dist/2020.js'
import type * as formats from 'ajv-formats'
import { followPointer } from '../../core/json-pointer.ts'

/** Returns the first mismatch of a value in words; undefined for a value that matches. */
export type Mismatches = (value: unknown) => string | undefined

const require = createRequire(import.meta.url)

const OPTIONS: Options = {
  // Unknown keywords are mistakes more often than notes. Other rules of strictness refuse schemas that are valid.
  strict: false,
  strictSchema: true,
  allErrors: false,
  logger: false,
}
/** Notes that OpenAPI puts into schemas. */
const NOTES = ['example', 'xml', 'externalDocs', 'discriminator']

/** @throws Error for an invalid schema, with the place in it */
export function compileJsonSchema(schema: AnySchemaObject): Mismatches {
  const ajv = validatorFor(schema.$schema)
  ajv.addVocabulary(extensionsIn(schema).filter(name => ajv.RULES.keywords[name] !== true))
  if (ajv.validateSchema(schema) !== true) {
    const [error] = ajv.errors ?? []
    throw new Error(`expected a valid JSON Schema, got one in which ${mismatch(error, schema)}`)
  }
  let validate: ReturnType<typeof ajv.compile>
  try {
    validate = ajv.compile(schema)
  } catch (error) {
    throw new Error(`expected a valid JSON Schema, got one with this error: ${withPlace(error as Error, schema)}`, {
      cause: error,
    })
  } finally {
    // Another schema may have the same `$id`.
    ajv.removeSchema(schema)
  }
  return value => {
    if (validate(value)) return undefined
    return `expected a value that matches the schema, got one in which ${mismatch(validate.errors?.[0], value)}`
  }
}

/** Loads the validator of each dialect. */
const dialects: Record<string, () => Ajv> = {
  '2020-12': () => {
    const { Ajv2020 } = require('ajv/dist/2020.js') as typeof draft2020
    return new Ajv2020(OPTIONS)
  },
  '2019-09': () => {
    const { Ajv2019 } = require('ajv/dist/2019.js') as typeof draft2019
    return new Ajv2019(OPTIONS)
  },
  'draft-07': () => ajvOf07(),
  'draft-06': () => ajvOf07().addMetaSchema(require('ajv/dist/refs/json-schema-draft-06.json') as object),
}
const loaded = new Map<string, Ajv>()

function ajvOf07(): Ajv {
  const { Ajv } = require('ajv') as typeof draft07
  return new Ajv(OPTIONS)
}

function validatorFor($schema: unknown): Ajv {
  const name =
    $schema === undefined ? '2020-12' : Object.keys(dialects).find(each => JSON.stringify($schema).includes(each))
  const load = dialects[name ?? '']
  if (name === undefined || load === undefined) {
    throw new Error(
      `expected a JSON Schema of draft-06, draft-07, 2019-09 or 2020-12, got $schema ${JSON.stringify($schema)}`,
    )
  }
  let ajv = loaded.get(name)
  if (ajv === undefined) {
    ajv = load()
    ajv.addVocabulary(NOTES)
    const { default: addFormats } = require('ajv-formats') as typeof formats.default
    addFormats(ajv)
    loaded.set(name, ajv)
  }
  return ajv
}

/** Returns the names of extensions, which begin with `x-`. */
function extensionsIn(schema: unknown): string[] {
  const found = new Set<string>()
  JSON.stringify(schema, (key, value: unknown) => {
    if (key.startsWith('x-')) found.add(key)
    return value
  })
  return [...found]
}

/** Adds the place of a keyword to an error that only names it. */
function withPlace({ message }: Error, schema: object): string {
  const text = message.replace(/^strict mode: /, '')
  const [, keyword] = /^unknown keyword: "(.+)"$/.exec(text) ?? []
  return keyword === undefined ? text : `${text} at ${pointerTo(keyword, schema) ?? ''}/${keyword}`
}

/** Returns the pointer of the object that has this key. */
function pointerTo(key: string, value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (Object.hasOwn(value, key)) return ''
  for (const [step, inner] of Object.entries(value)) {
    const pointer = pointerTo(key, inner)
    if (pointer !== undefined) return `/${step}${pointer}`
  }
  return undefined
}

/** Says what is wrong, and of what kind the value is. Its contents may be secret. */
function mismatch(error: ErrorObject | undefined, root: unknown): string {
  if (error === undefined) return 'something is wrong'
  const { instancePath, keyword, message = 'is wrong', params } = error
  const place = instancePath === '' ? 'the top' : instancePath
  const detail = (params as Record<string, unknown>)[DETAILS[keyword] ?? '']
  const more = detail === undefined ? '' : ` (${JSON.stringify(detail).slice(0, 100)})`
  const pointed = followPointer(root, instancePath)
  return `${place} ${message}${more}${pointed.found ? `, and is ${kindOf(pointed.value)}` : ''}`
}

/** Parameters that say more than the message, by keyword. */
const DETAILS: Record<string, string> = {
  enum: 'allowedValues',
  const: 'allowedValue',
  additionalProperties: 'additionalProperty',
  unevaluatedProperties: 'unevaluatedProperty',
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return `an array of ${value.length}`
  return `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`
}
