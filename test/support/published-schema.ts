import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { root } from './markdown.ts'
import { closedSchema } from './type-schema.ts'

/** Returns the errors of a document by a published schema, in which an unknown key is an error too. */
export function schemaErrors(file: string, document: unknown): string[] {
  const schema = closedSchema(JSON.parse(readFileSync(join(root, 'schemas', file), 'utf8'))) as object
  const ajv = new Ajv2020({ allErrors: true })
  ajv.validate(schema, document)
  return (ajv.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}
