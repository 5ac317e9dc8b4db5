import { isSecretName } from './secret-names.ts'

/** Stands in place of a secret wherever text is shown. */
export const CONCEALED = '***'

/** A name, and the value beside it: `token=…`, `"token": "…"`. */
const NAMED = /([\w-]{2,60})(\\?["']?\s*[=:]\s*\\?["']?)([^\s"'&,;<>)}\\]+)/g
const SCHEME = /^(bearer|basic|digest|token)$/i

/** JSON Web Tokens, and credentials behind their scheme. A word in a sentence is none: it has neither digits nor capitals. */
const TOKENS =
  /\beyJ[\w-]{6,}\.[\w-]+(?:\.[\w-]*)?|(?<=\b(?:[Bb]earer|[Bb]asic|[Dd]igest)\s+)(?!(?:error|realm|scope|charset|nonce)=)(?=\S*[\dA-Z])[\w+/=.~-]{6,}|(?<=[Aa]uthorization\W{1,6}\w+\s+)[\w+/=.~-]{6,}/g

/**
 * Conceals what a text itself shows to be secret: values beside the name of a secret, and tokens.
 * @param shortest characters of a value below which it is shown, because it may be part of any sentence
 */
export function withoutSecrets(text: string, shortest = 1): string {
  return text
    .replaceAll(NAMED, (all, name: string, between: string, value: string) => {
      if (value === CONCEALED || value.length < shortest || !isSecretName(name)) return all
      // `Authorization: Bearer …` has its secret behind the scheme.
      return SCHEME.test(value) ? all : `${name}${between}${CONCEALED}`
    })
    .replaceAll(TOKENS, CONCEALED)
}
