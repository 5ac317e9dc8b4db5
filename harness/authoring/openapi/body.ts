import { shortened } from '../code/comment.ts'
import { type JsonFields, fieldsOf } from '../json-tree.ts'
import type { Redaction } from '../secrets/redaction.ts'
import type { Examples } from './example.ts'
import { scalar } from './parameters.ts'
import { isJson } from './response.ts'

/** Returns the options that send a body, or the reason why none can be made. */
export function bodyOf(
  body: JsonFields,
  label: string,
  { examples, redaction }: { examples: Examples; redaction: Redaction },
): { options: JsonFields; headers?: JsonFields } | { leftOut: string } {
  const media = Object.entries(fieldsOf(body['content'])).map(([type, fields]) => [type, fieldsOf(fields)] as const)
  const place = `the body of ${label}`
  const json = media.find(([type]) => isJson(type))
  if (json !== undefined) {
    const value = redaction.value('body', examples.of(json[1]).value ?? {}, place)
    const isPlain = !/\+json/.test(json[0])
    return { options: { json: value }, ...(isPlain ? {} : { headers: { 'Content-Type': json[0] } }) }
  }
  const form = media.find(([type]) => type.startsWith('application/x-www-form-urlencoded'))
  if (form !== undefined) {
    const fields = fieldsOf(redaction.value('body', examples.of(form[1]).value, place))
    return {
      options: { form: Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, formValue(value)])) },
    }
  }
  const text = media.find(([type]) => /^text\/|xml/.test(type))
  const { value, isGiven } = text === undefined ? { value: undefined, isGiven: false } : examples.of(text[1])
  if (text !== undefined && typeof value === 'string' && (isGiven || text[0].startsWith('text/plain'))) {
    return { options: { body: redaction.value('body', value, place) }, headers: { 'Content-Type': text[0] } }
  }
  if (body['required'] !== true) return { options: {} }
  return {
    leftOut: `no body can be made of the type ${media.map(([type]) => shortened(type, 40)).join(' or ') || 'that they need'}`,
  }
}

function formValue(value: unknown): unknown {
  return Array.isArray(value) ? value.map(scalar) : scalar(value)
}
