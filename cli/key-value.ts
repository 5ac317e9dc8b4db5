import { InputError } from './input-error.ts'

/** Collects `key=value` flags that may be repeated. @throws InputError */
export function keyValue(text: string, previous: Record<string, string>): Record<string, string> {
  const at = text.indexOf('=')
  if (at < 1) throw new InputError(`expected key=value, got ${JSON.stringify(text)}`)
  return { ...previous, [text.slice(0, at)]: text.slice(at + 1) }
}
