import { wordsOf } from './words.ts'

/** Words of which one in a name makes its value a secret. */
const SECRET_WORDS = new Set(
  (
    'password passwd passwort pwd pw pass passphrase passcode passkey secret secrets token tokens jwt bearer auth authorization authentication ' +
    'credential credentials session sessionid sid cookie cookies csrf xsrf apikey signature sig hmac otp totp mfa tan pin cvv cvc cvn ssn iban ' +
    'nonce assertion saml saml2 samlresponse samlrequest verifier challenge mnemonic privatekey accesskey secretkey authenticity captcha recaptcha ' +
    'pan cardnumber accountnumber sessid phpsessid jsessionid'
  ).split(' '),
)

/** Parts of names that stand for nothing else. */
const SECRET_PARTS =
  /password|passwd|passphrase|secret(?!ar)|token(?!i)|apikey|accesskey|sessionid|csrf|xsrf|credential/

/** Words before `key` that make it a secret: `apiKey`, `x-functions-key`. */
const KEY_WORDS = new Set(
  'api access private secret client auth subscription functions app application master admin encryption signing license shared account host'.split(
    ' ',
  ),
)

/** Words before `code` that make it a secret. */
const CODE_WORDS = new Set(
  'auth authorization verification otp login access reset security confirm confirmation sms backup recovery device user invite'.split(
    ' ',
  ),
)

/** Names under which a whole object is secret. */
const SECRET_OBJECT = /^(credentials?|secrets?|passwords?|tokens?|cookies|auth|authorization|authentication)$/

/** Names that contain one of the words, and whose values are no secrets. */
const HARMLESS =
  /^(postal|post|zip|country|currency|language|lang|status|error|area|region|product|item|color|colour|response|discount|coupon|promo|state|province|city|airport|station|unit|tax|hs|iso|reason|type|category|department|course|bar|qr)_code$|^(max|min|num|total|completion|prompt|input|output)_(\w+_)?tokens(_\w+)?$|^(token|code_challenge|auth|session)_(type|method|kind|count|expires|expiry|expires_in|expires_at|ttl|duration)$|^(pin|pass)(ned|_count|_rate)$|_(type|method|kind|mode|scheme|provider|enabled|required|count|limit|format|policy|length|size)$/

/** Tells whether a field, parameter or header with this name usually holds a secret. */
export function isSecretName(name: string): boolean {
  const words = wordsOf(name).map(word => word.replace(/(?<=[a-z])\d+$/, ''))
  if (HARMLESS.test(words.join('_'))) return false
  // Some names are written without a sign between their words: `csrfmiddlewaretoken`.
  if (SECRET_PARTS.test(words.join(''))) return true
  if (words.some(word => SECRET_WORDS.has(word))) return true
  if (words.length > 1 && SECRET_WORDS.has(words.join(''))) return true
  const keyAt = words.lastIndexOf('key')
  if (keyAt > 0 && KEY_WORDS.has(words[keyAt - 1]!)) return true
  if (CODE_WORDS.has(words[words.lastIndexOf('code') - 1] ?? '')) return true
  return words.length === 1 && words[0] === 'key'
}

/** Tells whether everything in an object with this name is secret. */
export function isSecretObject(name: string): boolean {
  return SECRET_OBJECT.test(wordsOf(name).join('_'))
}

/** Tells whether a field with this name usually holds a secret, or this value of it looks like a code that is sent once. */
export function isSecretField(name: string, value: string): boolean {
  return isSecretName(name) || isOneTimeCode(name, value)
}

/** Tells whether a field of this name and value is a code that is sent once. */
export function isOneTimeCode(name: string, value: string): boolean {
  return wordsOf(name).join('_') === 'code' && (/^\d{4,8}$/.test(value) || value.length >= 16)
}

/** Tells whether these fields are those of a login: one of them is a password. */
export function isLoginForm(names: readonly string[]): boolean {
  return names.some(name => /pass|pwd|pin\b|secret/i.test(name) && isSecretName(name))
}

/** Tells whether a name is that of a login, which belongs to one person. */
export function isLoginName(name: string): boolean {
  return /^(user|user_?name|login|login_?id|login_?name|user_?id|email|e_mail|email_?address|mail|account|account_?name|identifier)$/.test(
    wordsOf(name).join('_'),
  )
}
