/** Result of following a pointer: the value, or the last step that exists and what is there. */
export type Pointed = { found: true; value: unknown } | { found: false; lastPointer: string; lastValue: unknown }

const POINTER = /^(?:\/(?:[^/~]|~[01])*)*$/
const INDEX = /^(?:0|[1-9]\d*)$/

/** Follows a JSON Pointer (RFC 6901). @throws RangeError for text that is none */
export function followPointer(root: unknown, pointer: string): Pointed {
  if (typeof pointer !== 'string' || !POINTER.test(pointer)) {
    throw new RangeError(
      `expected a JSON pointer such as /items/0/id, got ${JSON.stringify(pointer)}; write ~1 for a slash and ~0 for a tilde in a name`,
    )
  }
  let value = root
  let followed = ''
  for (const step of pointer.split('/').slice(1)) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~')
    const exists =
      typeof value === 'object' &&
      value !== null &&
      (Array.isArray(value) ? INDEX.test(key) && Number(key) < value.length : Object.hasOwn(value, key))
    if (!exists) return { found: false, lastPointer: followed, lastValue: value }
    value = (value as Record<string, unknown>)[key]
    followed += `/${step}`
  }
  return { found: true, value }
}
