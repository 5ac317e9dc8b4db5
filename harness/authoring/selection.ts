import { globTest } from '../../core/glob.ts'
import { didYouMean } from '../../core/nearest.ts'
import { UnusableSource } from './unusable-source.ts'

/** Limits what is written to requests that fit one of the patterns, and have one of the tags. Empty lists fit everything. */
export interface RequestSelection {
  /** `GET /orders*`, or `/orders*` for any method. */
  only: readonly string[]
  tags: readonly string[]
}

/** Most names that a message lists. */
const MOST_NAMES = 12

/** Returns a test for the patterns of a selection. */
export function patternTest(only: readonly string[]): (method: string, path: string) => boolean {
  const tests = only.map(pattern => {
    const [, method, path = pattern] = /^\s*([A-Za-z]+|\*)\s+(\S+)\s*$/.exec(pattern) ?? []
    const fits = globTest(path.trim())
    return (verb: string, at: string) =>
      (method === undefined || method === '*' || method.toUpperCase() === verb) && fits(at)
  })
  return (method, path) => tests.length === 0 || tests.some(test => test(method, path))
}

/** Returns the items that a selection chooses. @throws UnusableSource when a pattern or tag fits nothing */
export function selected<T extends { method: string; path: string; tags: readonly string[] }>(
  items: readonly T[],
  { only, tags }: RequestSelection,
): T[] {
  const known = [...new Set(items.flatMap(item => item.tags))]
  for (const tag of tags) {
    if (known.some(name => sameTag(name, tag))) continue
    throw new UnusableSource(
      `there is no tag ${JSON.stringify(tag)}${didYouMean(tag, known, JSON.stringify)}`,
      `The tags are: ${listed(known)}.`,
    )
  }
  const tagged = items.filter(item => tags.length === 0 || item.tags.some(name => tags.some(tag => sameTag(name, tag))))
  for (const pattern of only) {
    const fits = patternTest([pattern])
    if (tagged.some(({ method, path }) => fits(method, path))) continue
    const some = [...new Set(tagged.map(({ method, path }) => `${method} ${path}`))]
    throw new UnusableSource(`no request fits ${JSON.stringify(pattern)}`, `There are: ${listed(some)}.`)
  }
  const fits = patternTest(only)
  return tagged.filter(({ method, path }) => fits(method, path))
}

/** Returns the names in a sentence, the first of them only. */
export function listed(names: readonly string[]): string {
  if (names.length === 0) return 'none'
  const shown = names.slice(0, MOST_NAMES).join(', ')
  return names.length > MOST_NAMES ? `${shown} and ${names.length - MOST_NAMES} more` : shown
}

function sameTag(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase()
}
