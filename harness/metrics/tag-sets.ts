import { didYouMean } from '../../core/nearest.ts'
import { tagNames, type Tags } from './catalog.ts'

/** Values of tags as scenarios give them. Numbers and booleans become text. */
export type TagValues = Readonly<Record<string, string | number | boolean | undefined>>

/** Maximum number of values of one tag, and of sets of tags. Further values share one. */
const MOST_VALUES = 100
const MOST_SETS = 1000
const OTHER_VALUE = '(other)'
/** Maximum length of a value. */
const LONGEST_VALUE = 200

/**
 * Joins tags, and returns the same object for equal sets, because the recorder finds its series by identity. The number of values of
 * each tag is bounded, because a scenario may make them up.
 */
export class TagSets {
  /** Keys that requests and streams may give. */
  readonly #declared: readonly string[]
  readonly #values = new Map<string, Set<string>>()
  readonly #given = new Map<Tags | undefined, Map<string, Tags>>()
  readonly #joined = new WeakMap<Tags, WeakMap<Tags, Tags>>()
  #sets = 0

  /** @param wanted tags whose values are kept in any case, because thresholds ask for them. */
  constructor(declared: readonly string[] = [], wanted: readonly Tags[] = []) {
    this.#declared = declared
    for (const [key, value = ''] of wanted.flatMap(tags => Object.entries(tags))) this.#valuesOf(key).add(value)
  }

  /** Returns `base` with tags of a request or stream. @throws TypeError for a tag that was not declared, or an unusable value */
  withGiven(base: Tags | undefined, given: TagValues): Tags | undefined {
    try {
      return this.with(base, given, this.#declared, "the scenario's tags")
    } catch (error) {
      // A stack has ten frames, and the place in the scenario is below those of the client.
      // oxlint-disable-next-line typescript/unbound-method -- it is not called
      Error.captureStackTrace(error as Error, this.withGiven)
      throw error
    }
  }

  /**
   * Returns `base` with the given tags, of which `name` is left out; `base` itself without any.
   * @throws TypeError for a key that is not among `keys`, or an unusable value
   */
  with(base: Tags | undefined, given: TagValues, keys: readonly string[], place: string): Tags | undefined {
    let text = ''
    for (const key in given) {
      const value = given[key]
      if (value === undefined || key === 'name') continue
      text += pairText(key, String(value))
    }
    if (text === '') return base
    let known = this.#given.get(base)
    if (known === undefined) this.#given.set(base, (known = new Map()))
    return known.get(text) ?? this.#learn(known, text, { base, given, keys, place })
  }

  /** Returns `base` with the path of a group. */
  withGroup(base: Tags | undefined, path: string): Tags {
    return this.with(base, { group: path }, ['group'], 'the groups')!
  }

  /** Returns all tags of both; those of `more` replace others. */
  joined(tags: Tags, more: Tags): Tags {
    let known = this.#joined.get(tags)
    if (known === undefined) this.#joined.set(tags, (known = new WeakMap()))
    let sum = known.get(more)
    if (sum === undefined) known.set(more, (sum = { ...tags, ...more }))
    return sum
  }

  /** Returns the value, or another that further values share. */
  #bounded(key: string, value: string): string {
    const values = this.#valuesOf(key)
    if (values.has(value)) return value
    if (values.size >= MOST_VALUES) return OTHER_VALUE
    values.add(value)
    return value
  }

  #valuesOf(key: string): Set<string> {
    let values = this.#values.get(key)
    if (values === undefined) this.#values.set(key, (values = new Set()))
    return values
  }

  #learn(
    known: Map<string, Tags>,
    text: string,
    { base, given, keys, place }: { base: Tags | undefined; given: TagValues; keys: readonly string[]; place: string },
  ): Tags {
    const isFull = this.#sets >= MOST_SETS
    const own: Record<string, string> = {}
    for (const [key, value] of Object.entries(given)) {
      if (value === undefined || key === 'name') continue
      if (!keys.includes(key)) throw unknownTag(key, keys, place)
      const clean = usable(key, value)
      own[key] = isFull ? OTHER_VALUE : this.#bounded(key, clean)
    }
    const folded = Object.entries(own)
      .map(([key, value]) => pairText(key, value))
      .join('')
    let tags = known.get(folded)
    if (tags === undefined) {
      known.set(folded, (tags = { ...base, ...own }))
      this.#sets += 1
    }
    // Values that share one are not kept by themselves, so that they cannot fill the memory.
    if (folded !== text && !Object.values(own).includes(OTHER_VALUE)) known.set(text, tags)
    return tags
  }
}

/** Returns a text that no other pair has at its place: a value may contain anything. */
function pairText(key: string, value: string): string {
  return `${key}\n${value.length}\n${value}`
}

/** Returns the value of a tag as text. @throws TypeError for one that is not usable */
export function usable(key: string, value: unknown): string {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
    throw new TypeError(`the tag ${key}: expected a text, a number or a boolean, got ${typeof value}`)
  const text = String(value)
  if (text.trim() === '') throw new TypeError(`the tag ${key}: expected a value, got an empty text`)
  return text.slice(0, LONGEST_VALUE)
}

function unknownTag(key: string, keys: readonly string[], place: string): TypeError {
  if ((tagNames as readonly string[]).includes(key))
    return new TypeError(`the tag ${key} is set by Loadcell: choose another key (only name may be given)`)
  const advice = didYouMean(key, keys, JSON.stringify) || `; add it there: tags: ['${key}']`
  return new TypeError(`there is no tag ${JSON.stringify(key)} in ${place}${advice}`)
}
