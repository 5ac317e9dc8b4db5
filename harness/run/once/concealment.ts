import { CONCEALED, withoutSecrets } from '../../../core/concealed.ts'
import { isLoginForm, isOneTimeCode, isSecretName, isSecretObject } from '../../../core/secret-names.ts'
import { concealUrl } from '../../client/address/url-credentials.ts'
import { pairsOf } from '../../session/cookies/cookie-header.ts'

/** Shorter values may be part of any word. */
const SHORTEST_KNOWN = 6
const MOST_KNOWN = 1000
const DEEPEST = 100

const INPUT = /<(?:input|meta)\b[^>]*>/gi

/** Takes secrets out of what a script sends and receives, and recognises each of them wherever it stands later. */
export class Concealment {
  readonly #known = new Set<string>()
  readonly #shown: boolean

  /** @param options.shown shows everything as it is; `secrets` are known from the start. */
  constructor({ shown, secrets }: { shown: boolean; secrets: readonly string[] }) {
    this.#shown = shown
    for (const secret of secrets) this.#learn(secret)
  }

  /** Returns the value of a header. A scheme, and the names of cookies, stay visible. */
  header(name: string, value: string): string {
    if (this.#shown) return value
    if (name === 'cookie')
      return pairsOf(value)
        .map(pair => this.#cookie(pair))
        .join('; ')
    if (name === 'set-cookie') {
      const [pair = '', ...attributes] = value.split(/;\s*/)
      return [this.#cookie(pair), ...attributes].join('; ')
    }
    if (!isSecretName(name)) return this.text(value)
    const [, scheme, credentials] = /^(\w+)\s+(\S.*)$/.exec(value) ?? []
    this.#learn(credentials ?? value)
    return scheme === undefined ? CONCEALED : `${scheme} ${CONCEALED}`
  }

  url(text: string): string {
    if (this.#shown) return text
    const url = concealUrl(text)
    const at = url.indexOf('?')
    if (at === -1) return this.text(url)
    return `${this.text(url.slice(0, at))}?${this.form(url.slice(at + 1))}`
  }

  /** Returns the parameters of a query or form. */
  form(text: string): string {
    if (this.#shown) return text
    const pairs = text.split('&').map(pair => {
      const [name = '', value = ''] = decoded(pair)
      return { pair, name, value }
    })
    const shown = pairs.map(({ pair, name, value }) => {
      if (value === '' || !(isSecretName(name) || isCode(name, value))) return this.#withoutKnown(pair)
      this.#learn(value)
      return `${pair.split('=', 1)[0]}=${CONCEALED}`
    })
    return shown.join('&')
  }

  /** Returns a copy of a parsed JSON value. */
  json(value: unknown): unknown {
    return this.#shown ? value : this.#json('', value, false, 0)
  }

  /** Returns any other text, such as a page. */
  text(text: string): string {
    if (this.#shown) return text
    const page = text.replaceAll(INPUT, tag => this.#tag(tag))
    return this.#withoutKnown(withoutSecrets(page, SHORTEST_KNOWN))
  }

  #json(name: string, value: unknown, isSecret: boolean, depth: number): unknown {
    if (typeof value === 'string' || typeof value === 'number') {
      const text = String(value)
      // A number of tokens is a count.
      const isNamed = isSecretName(name) && !(typeof value === 'number' && /tokens?$/i.test(name))
      if (text !== '' && (isSecret || isNamed || isCode(name, text))) {
        this.#learn(text)
        return CONCEALED
      }
      return typeof value === 'string' ? this.text(value) : value
    }
    if (typeof value !== 'object' || value === null) return value
    if (depth >= DEEPEST) return '…'
    if (Array.isArray(value)) return value.map(item => this.#json(name, item, isSecret, depth + 1))
    const fields = Object.entries(value)
    const isLogin = isLoginForm(fields.map(([key]) => key))
    const within = isSecret || (isSecretObject(name) && !isLogin)
    return Object.fromEntries(fields.map(([key, item]) => [key, this.#json(key, item, within, depth + 1)]))
  }

  #cookie(pair: string): string {
    const at = pair.indexOf('=')
    if (at < 1) return pair
    this.#learn(pair.slice(at + 1))
    return `${pair.slice(0, at)}=${CONCEALED}`
  }

  /** Conceals the value of an input or meta tag with the name of a secret. */
  #tag(tag: string): string {
    const name = /\bname\s*=\s*["']?([^"'\s>]+)/i.exec(tag)?.[1] ?? ''
    if (!isSecretName(name)) return tag
    return tag.replace(
      /(\b(?:value|content)\s*=\s*)(["'])([^]*?)\2/i,
      (all, before: string, quote: string, value: string) => {
        if (value === '') return all
        this.#learn(value)
        return `${before}${quote}${CONCEALED}${quote}`
      },
    )
  }

  #learn(value: string): void {
    for (const form of [value, encodeURIComponent(value)])
      if (form.length >= SHORTEST_KNOWN && this.#known.size < MOST_KNOWN) this.#known.add(form)
  }

  #withoutKnown(text: string): string {
    let rest = text
    for (const secret of this.#known) rest = rest.replaceAll(secret, CONCEALED)
    return rest
  }
}

/** Tells whether this is a code that is sent once. One of words only is that of an error. */
function isCode(name: string, value: string): boolean {
  return isOneTimeCode(name, value) && /\d/.test(value)
}

function decoded(pair: string): string[] {
  const [entry] = new URLSearchParams(pair)
  return entry ?? []
}
