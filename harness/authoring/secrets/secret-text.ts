/** Forms of credentials that give themselves away. */
const KNOWN = [
  /eyJ[\w-]{6,}\.[\w-]+/,
  /\b(sk|pk|rk|whsec)_(live|test)?_?[A-Za-z0-9]{10,}/,
  /\bsk-[\w-]{16,}/,
  /\b(gh[pousr]_|github_pat_|glpat-|gldt-|xox[abeoprs]-|npm_|pypi-|dop_v1_|shp(at|ca|pa|ss)_|hf_|ya29\.|SG\.|EAA[A-Z]|lin_api_|dapi|sq0)[\w.-]{8,}/,
  /\b(AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12,}/,
  /\bAIza[\w-]{20,}/,
  /-----BEGIN [A-Z ]*(PRIVATE KEY|CERTIFICATE)/,
  /\b(Bearer|Basic|Digest|Negotiate|Token)\s+[\w+/=.~-]{6,}/i,
  /\/\/[^/\s:@]*:[^/\s@]+@/,
  /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}\b/,
  // A name of a secret beside its value within a text: a query in a URL, an argument in GraphQL, a line of XML.
  /(password|passwd|pwd|passphrase|secret|token|api_?key|access_?key|session_?id|authorization|cookie)\\?["']?\s*[:=>]\s*\\?["']?[^\s"'&,;<)}\\]{3,}/i,
]

const EMAIL = /[\w.+%-]+@[\w-]+(\.[\w-]+)+/

/** Text in which at least this many characters without a space look drawn at random is taken for a key. */
const SHORTEST_KEY = 20

/** Tells whether a text contains something that looks like a credential. */
export function looksSecret(text: string): boolean {
  return isCredential(text) || text.split(/[^\w+/=.~-]+/).some(looksDrawn)
}

/** Tells whether a text has the form of a credential, and not only the look of one. */
export function isCredential(text: string): boolean {
  return KNOWN.some(pattern => pattern.test(text)) || hasCardNumber(text)
}

/** Tells whether a text contains an e-mail address. */
export function hasEmail(text: string): boolean {
  return EMAIL.test(text) || /%40[\w-]+\.\w+/.test(text)
}

/** Tells whether a text is a UUID, which names a thing and is no secret by itself. */
export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)
}

/** Tells whether a text looks like a key: long, and drawn rather than written. Words that are joined by punctuation are a name. */
function looksDrawn(text: string): boolean {
  if (text.length < SHORTEST_KEY || isUuid(text)) return false
  const parts = text.split(/[-_./=+~]+/)
  const mixed = parts.filter(part => /\d/.test(part) && /[a-z]/i.test(part) && !/^\d+[A-Z]\d+$/.test(part))
  if (mixed.join('').length >= 10 && bitsPerCharacter(text) > 2.5) return true
  // Words that are joined by capitals have few of them.
  return parts.some(
    part => part.length >= 16 && /[a-z]/.test(part) && part.replaceAll(/[^A-Z]/g, '').length * 3 > part.length,
  )
}

function bitsPerCharacter(text: string): number {
  const counts = new Map<string, number>()
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1)
  return [...counts.values()].reduce((bits, count) => bits - (count / text.length) * Math.log2(count / text.length), 0)
}

/** Tells whether a text contains the number of a payment card, which has a check digit. */
function hasCardNumber(text: string): boolean {
  return [...text.matchAll(/(?<![\d.])[3-6]\d{3}[ -]?\d{4,6}[ -]?\d{4,5}(?:[ -]?\d{3,4})?(?!\d)/g)].some(([number]) => {
    const digits = number.replaceAll(/\D/g, '')
    return digits.length >= 14 && digits.length <= 16 && luhn(digits)
  })
}

function luhn(digits: string): boolean {
  let sum = 0
  for (let at = 0; at < digits.length; at++) {
    const digit = Number(digits[digits.length - 1 - at])
    sum += at % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2
  }
  return sum % 10 === 0
}
