import { type MetricName, metrics, tagNames, type Tags } from '../metrics/catalog.ts'
import { didYouMean, nearest } from '../../core/nearest.ts'

/**
 * A selector may have more than one reading, because names may hold commas, colons, quotes and braces: `{check:ok, user:bob}`
 * is one check, or a check of one user. The readings are in order of preference; the first with samples counts.
 */
export interface Selector {
  metric: MetricName
  readings: readonly [Tags, ...Tags[]]
}

/** Tags of k6 without a counterpart here. An author who writes one means a tag, not a part of a value. */
const foreignTags = ['group', 'scenario', 'url', 'proto', 'error', 'error_code', 'expected_response', 'tls_version']

/** Tags whose values never hold a comma: a second value would be an alternative, which selectors do not support. */
const plainTags: readonly string[] = ['method', 'status', 'operation', 'transport', 'reason', 'host']

const EXAMPLE = 'http_req_duration{name:/orders,status:200}'
const MOST_READINGS = 64

/**
 * Reads `http_req_duration{name:/v1/events/publish,status:202}`. A comma separates tags where the name of a tag and a
 * colon come after it; anywhere else it belongs to the value. A value may be quoted (`check:"a, user: b"`), or a comma
 * escaped (`a\, user: b`). @throws RangeError
 */
export function parseSelector(source: string): Selector {
  const [, name, tags] = /^\s*([^{\s]*)\s*(?:\{([^]*)\})?\s*$/.exec(source) ?? []
  if (name === undefined) {
    const missing = source.includes('{') ? ' with a } at its end' : ''
    throw new RangeError(`expected a metric such as ${EXAMPLE}${missing}, got ${quoted(source)}`)
  }
  if (!Object.hasOwn(metrics, name))
    throw new RangeError(`there is no metric ${quoted(name)}${didYouMean(name, Object.keys(metrics), quoted)}`)
  const metric = name as MetricName
  if (tags === undefined || tags.trim() === '') return { metric, readings: [{}] }
  rejectUnknownTags(tags)
  const [first, ...others] = readingsOf(tags, [])
  if (first === undefined) throw new RangeError(`expected a tag such as name:/orders, got ${quoted(tags)}`)
  if (first.phase !== undefined && metrics[metric].kind === 'gauge')
    throw new RangeError(`${metric} is a gauge, the last value there was: it has no phase`)
  return { metric, readings: [first, ...others] }
}

/** Returns the first reading for which `isMeasured` is true, or the first of all if there is none. */
export function chooseReading(readings: Selector['readings'], isMeasured: (reading: Tags) => boolean): Tags {
  return readings.length === 1 ? readings[0] : (readings.find(isMeasured) ?? readings[0])
}

/** Start of a tag: at the beginning, or behind a comma. */
const TAG = /^\s*([A-Za-z_]+)\s*:/

function rejectUnknownTags(text: string): void {
  const [, first] = TAG.exec(text) ?? []
  if (first === undefined) throw new RangeError(`expected a tag such as name:/orders, got ${quoted(text)}`)
  if (!isTag(first)) throw unknownTag(first, '')
  const seen = new Set([first])
  for (const [, comma, word = ''] of unquotedTags(text)) {
    if (seen.has(word) && plainTags.includes(word)) {
      throw new RangeError(`${word} is given twice, and a selector takes one value a tag: write a threshold for each`)
    }
    seen.add(word)
    // In prose, a space follows a colon, and a word that resembles a tag is not one.
    const looksLikeTag = !isTag(word) && (foreignTags.includes(word) || nearest(word, tagNames) !== undefined)
    if (comma === undefined || !looksLikeTag) continue
    throw unknownTag(word, `; if it is part of a value, put that in quotes, as in checks{check:"is ok, ${word}:1"}`)
  }
}

/** Returns possible tags behind a comma, unless quoted or escaped. */
function unquotedTags(text: string): RegExpMatchArray[] {
  const bare = text.replaceAll(/(:\s*)("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')(?=\s*(?:,|$))/g, '$1')
  return [...bare.matchAll(/(?<!\\)(,)\s*([A-Za-z_]+)\s*:(?!\s)/g)]
}

function readingsOf(text: string, taken: readonly string[]): Tags[] {
  if (text.trim() === '') return [{}]
  const [head, name] = TAG.exec(text) ?? []
  if (head === undefined || name === undefined || !isTag(name) || taken.includes(name)) return []
  const rest = text.slice(head.length)
  const readings: Tags[] = []
  for (const end of endsOf(rest)) {
    const others = readingsOf(rest.slice(end + 1), [...taken, name])
    for (const other of others)
      for (const value of valuesOf(rest.slice(0, end))) readings.push({ [name]: value, ...other })
    if (readings.length >= MOST_READINGS) break
  }
  return readings
}

/** Returns the offsets where a value may end: behind its quotes, at a comma, at the end; in order of preference. */
function endsOf(text: string): number[] {
  const quotes = /^\s*(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\s*(?=,|$)/.exec(text)
  const commas = [...text.matchAll(/(?<!\\),(?=\s*(?:[A-Za-z_]+\s*:|$))/g)].map(({ index }) => index)
  return [...new Set([...(quotes === null ? [] : [quotes[0].length]), ...commas, text.length])]
}

/** Returns the values that a text may stand for: the text in its quotes, itself, trimmed, or without escapes. */
function valuesOf(text: string): string[] {
  const trimmed = text.trim()
  const [, , inner] = /^(["'])([^]*)\1$/.exec(trimmed) ?? []
  const plain = (some: string) => some.replaceAll(/\\(.)/gs, '$1')
  return [...new Set([...(inner === undefined ? [] : [plain(inner)]), text, trimmed, plain(trimmed)])]
}

function isTag(name: string): boolean {
  return (tagNames as readonly string[]).includes(name)
}

function unknownTag(name: string, advice: string): RangeError {
  return new RangeError(
    `there is no tag ${quoted(name)}${didYouMean(name, tagNames, quoted)}; there are ${tagNames.join(', ')}${advice}`,
  )
}

function quoted(text: string): string {
  return JSON.stringify(text)
}
