import { templateOf } from '../../client/address/routes.ts'
import { Expression } from '../code/expression.ts'
import { camelCase, singular, wordsOf } from '../../../core/words.ts'
import type { Names } from '../code/names.ts'
import type { Captured } from '../code/steps.ts'
import { isFields } from '../json-tree.ts'
import { isSecretName } from '../../../core/secret-names.ts'
import { isUuid, looksSecret } from '../secrets/secret-text.ts'
import type { RecordedRequest } from './entry.ts'

/** Most values of one response that are remembered, and how deep they may be. */
const MOST_VALUES = 2000
const DEEPEST = 8

/** A value that a response returned. */
interface Returned {
  request: number
  /** Path in the body, in dots; of a page, the name of a field. */
  path: string
  isField: boolean
  key: string
  /** Subject of the response: the last word of its path. */
  thing: string
}

/** The place in a later request where a value stands. */
export interface UsePlace {
  request: number
  /** Name of the field or parameter; for a part of a path, the part before it. */
  name: string
  kind: 'path' | 'field' | 'token'
}

/**
 * Finds values that one response returned and a later request sent, such as the id of a new order. It takes only values that can hardly be
 * equal by chance: ids in the place of ids, tokens, and long values that no request had sent before.
 */
export class Correlation {
  readonly #returned = new Map<string, Returned>()
  /** The first request that sent a value by itself. */
  readonly #sent = new Map<string, number>()
  readonly #requests: readonly RecordedRequest[]
  readonly #names: Names
  readonly #constants = new Map<string, string>()
  /** Values to take from each response. */
  readonly captures = new Map<number, Captured[]>()

  constructor(requests: readonly RecordedRequest[], names: Names) {
    this.#requests = requests
    this.#names = names
    for (const [at, request] of requests.entries()) {
      for (const value of sentValues(request)) if (!this.#sent.has(value)) this.#sent.set(value, at)
    }
    for (const [at, request] of requests.entries()) this.#remember(at, request)
  }

  /** Returns the constant that holds the value, if an earlier response returned it. */
  find(value: string, place: UsePlace): Expression | undefined {
    const source = this.#returned.get(value)
    if (source === undefined || source.request >= place.request) return undefined
    const [from, to] = [this.#requests[source.request]!, this.#requests[place.request]!]
    // A request that began before the response had arrived cannot depend on it.
    if (from.endMs > to.startMs || (this.#sent.get(value) ?? place.request) <= source.request) return undefined
    return isSafe(value, source, place) ? new Expression(this.#capture(value, source)) : undefined
  }

  #capture(value: string, source: Returned): string {
    const known = this.#constants.get(value)
    if (known !== undefined) return known
    const isId = /^(id|uuid|guid|key|number|slug|ref|code|version)$/i.test(source.key)
    const constant = this.#names.claim(camelCase(isId ? `${singular(source.thing)} ${source.key}` : source.key))
    this.#constants.set(value, constant)
    const captures = this.captures.get(source.request) ?? []
    this.captures.set(source.request, [
      ...captures,
      { constant, path: source.path, ...(source.isField && { isField: true }) },
    ])
    return constant
  }

  #remember(request: number, { responseJson, pageFields, url }: RecordedRequest): void {
    const words = url.pathname.split('/').filter(segment => /^[a-z][a-z_-]*$/i.test(segment))
    const thing = wordsOf(words.at(-1) ?? '').at(-1) ?? 'value'
    let room = MOST_VALUES
    const walk = (value: unknown, path: string, key: string, depth: number) => {
      if (room <= 0 || depth > DEEPEST) return
      if (typeof value === 'string' || typeof value === 'number') {
        room -= 1
        const text = String(value)
        if (text !== '' && !this.#returned.has(text))
          this.#returned.set(text, { request, path, key, thing, isField: false })
      } else if (Array.isArray(value))
        for (const [at, item] of value.entries()) walk(item, join(path, String(at)), key, depth + 1)
      // A key that is no plain name may be a value itself.
      else if (isFields(value)) {
        for (const [name, item] of Object.entries(value)) {
          if (/^[A-Za-z_]\w{0,39}$/.test(name) && !looksSecret(name)) walk(item, join(path, name), name, depth + 1)
        }
      }
    }
    walk(responseJson, '', thing, 0)
    for (const [name, value] of pageFields) {
      if (!this.#returned.has(value))
        this.#returned.set(value, { request, path: name, key: name, thing, isField: true })
    }
  }
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}

const ID_NAME = /(^|[_\W])(id|uuid|guid|key|slug|number|ref|cursor|version|etag|code|handle)$/

function isSafe(value: string, { key, thing, isField }: Returned, { name, kind }: UsePlace): boolean {
  const keyWords = wordsOf(key).join('_')
  if (isField) {
    return value.length >= 8 && (wordsOf(name).join('_') === keyWords || (isSecretName(key) && isSecretName(name)))
  }
  const isIdKey = ID_NAME.test(keyWords)
  if (kind === 'token' || isSecretName(name)) return value.length >= 6 && (isSecretName(key) || value.length >= 16)
  if (isUuid(value) || (value.length >= 8 && /\d/.test(value) && /[a-z]/i.test(value))) {
    return isIdKey || isSecretName(key) || wordsOf(name).join('_') === keyWords
  }
  if (!isIdKey) return false
  // A short number may be anything: it counts only as the id of the same kind of thing.
  const same = (word: string | undefined) => word !== undefined && singular(word) === singular(thing)
  const nameWords = wordsOf(name)
  if (kind === 'path') return same(nameWords.at(-1)) || (/\d{4,}/.test(value) && templateOf(`/${value}`) === '/{id}')
  if (!ID_NAME.test(nameWords.join('_'))) return false
  return nameWords.length === 1 ? /\d{4,}/.test(value) : same(nameWords.at(-2)) || nameWords.join('_') === keyWords
}

/** Returns the values that a request sends, as text. */
function sentValues({ url, body }: RecordedRequest): Set<string> {
  const values = new Set<string>(url.searchParams.values())
  for (const segment of url.pathname.split('/')) values.add(segment)
  for (const [, value] of body?.fields ?? []) values.add(value)
  for (const [text] of (body?.text ?? '').matchAll(/[\w.+/=~-]+/g)) values.add(text)
  return values
}
