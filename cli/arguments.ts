import { parseTarget } from '../harness/client/address/target.ts'
import { InputError } from './input-error.ts'
import { InvalidArgumentError } from 'commander'

/** Returns the URL of a target, as it was written. @throws InputError, which unlike commander's own errors shows no password */
export function httpUrl(text: string): string {
  try {
    parseTarget(text)
    return text
  } catch (error) {
    throw new InputError((error as Error).message)
  }
}

/** Collects `key=value` flags that may be repeated. @throws InvalidArgumentError */
export function keyValue(text: string, previous: Record<string, string>): Record<string, string> {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError(`expected key=value, got ${JSON.stringify(text)}`)
  return { ...previous, [text.slice(0, at)]: text.slice(at + 1) }
}
