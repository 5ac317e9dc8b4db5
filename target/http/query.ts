import type { TSchema } from 'typebox'

/** Turns the text of query parameters into what their schema wants; what cannot be turned stays, to be refused. */
export type QueryReader = (query: unknown) => unknown

export function queryReader(schema: TSchema): QueryReader {
  const properties = (schema as { properties?: Record<string, { type?: string }> }).properties ?? {}
  const required = new Set((schema as { required?: string[] }).required)
  const numbers = Object.keys(properties).filter(name => /^(integer|number)$/.test(properties[name]?.type ?? ''))
  const optional = Object.keys(properties).filter(name => !required.has(name))
  return query => {
    const values = query as Record<string, unknown>
    // A parameter without a value is as good as absent.
    for (const name of optional) if (values[name] === '') delete values[name]
    for (const name of numbers) {
      const text = values[name]
      if (typeof text === 'string' && /^-?\d{1,15}(\.\d{1,15})?$/.test(text)) values[name] = Number(text)
    }
    return values
  }
}
