import { InvalidArgumentError } from 'commander'

/** Collects `key=value` flags that may be repeated. @throws InvalidArgumentError */
export function keyValue(text: string, previous: Record<string, string>): Record<string, string> {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError(`expected key=value, got ${JSON.stringify(text)}`)
  return { ...previous, [text.slice(0, at)]: text.slice(at + 1) }
}
