import { parseTarget } from '../harness/client/address/target.ts'
import { InputError } from './input-error.ts'

/** Returns the URL of a target, as it was written. @throws InputError, which unlike commander's own errors shows no password */
export function httpUrl(text: string): string {
  try {
    parseTarget(text)
    return text
  } catch (error) {
    throw new InputError((error as Error).message)
  }
}
