import { parseTarget } from '../harness/client/address/target.ts'
import { InputError } from './input-error.ts'
import { InvalidArgumentError } from 'commander'

/** Checks the URL of a target. @throws InputError, which shows no password, unlike the errors of Commander. */
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

/** @throws InvalidArgumentError */
export function seed(text: string): number {
  const value = Number(text)
  if (/\d/.test(text) && Number.isInteger(value) && value >= 0 && value <= 0xffffffff) return value
  throw new InvalidArgumentError(`expected an integer 0…4294967295, got ${JSON.stringify(text)}`)
}
