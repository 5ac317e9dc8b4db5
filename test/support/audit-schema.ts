import { readFileSync } from 'node:fs'
import { Compile } from 'typebox/compile'

const file = new URL('../../schemas/audit-1.json', import.meta.url)
const schema = Compile(JSON.parse(readFileSync(file, 'utf8')) as object)

/** Returns what does not fit the published schema in an `audit.json`. */
export function auditSchemaErrors(text: string): string[] {
  return schema
    .Errors(JSON.parse(text))
    .map(({ instancePath, message, params }) => `${instancePath}: ${message} ${JSON.stringify(params)}`)
}
