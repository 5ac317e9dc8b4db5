import { isUtf8 } from 'node:buffer'
import { isName } from '../../contract/name.ts'

const BEYOND_ASCII = /[\u0080-\u00ff]/

/**
 * Returns the name in a header; undefined without one, or if it is not a valid name. Node decodes headers as Latin-1, but
 * clients send UTF-8.
 */
export function nameIn(value: string | string[] | undefined): string | undefined {
  if (typeof value !== 'string') return undefined
  const bytes = BEYOND_ASCII.test(value) ? Buffer.from(value, 'latin1') : undefined
  const text = bytes !== undefined && isUtf8(bytes) ? bytes.toString() : value
  return isName(text) ? text : undefined
}

/** Returns the key of a stream whose client sends none. @param ordinal ordinal within its run, from 1 */
export function streamKey(ordinal: number): string {
  return `connection-${ordinal}`
}

/** Returns the key of a WebSocket whose client sends none. @param ordinal ordinal within the target, from 1 */
export function socketKey(ordinal: number): string {
  return `socket-${ordinal}`
}
