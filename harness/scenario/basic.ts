/**
 * Returns the value of `Authorization` for a user name and a password: Basic (RFC 7617), in UTF-8.
 * @throws TypeError for a user name with a colon, and for control characters, which it cannot carry
 */
export function basic(user: string, password: string): string {
  for (const [what, text] of Object.entries({ 'user name': user, password })) {
    if (typeof text !== 'string') throw new TypeError(`basic: expected the ${what} as text, got a ${typeof text}`)
    // oxlint-disable-next-line no-control-regex -- they are what must not be sent
    if (/[\x00-\x1f\x7f]/.test(text)) throw new TypeError(`basic: expected a ${what} without control characters`)
  }
  const colon = user.indexOf(':')
  if (colon !== -1) {
    throw new TypeError(`basic: expected a user name without a colon, which ends it, got one at ${colon}`)
  }
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}
