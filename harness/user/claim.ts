/** Returns the result of a claim as a boolean. @throws TypeError for a promise, which would always be true */
export function asBoolean(held: unknown): boolean {
  if (held instanceof Promise) {
    held.catch(() => {})
    throw new TypeError('expected a claim to return a boolean, got a promise; await it before the check')
  }
  return Boolean(held)
}
