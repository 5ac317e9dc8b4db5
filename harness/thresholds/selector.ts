import type { MetricDefinition, Tags } from '../metrics/catalog.ts'
import { builtInVocabulary, type MetricVocabulary } from '../metrics/vocabulary.ts'
import { didYouMean, nearest } from '../../core/nearest.ts'

/**
 * A selector may have more than one reading, because names may hold commas, colons, quotes and braces: `{check:ok, user:bob}`
 * is one check, or a check of one user. The readings are in order of preference; the first with samples counts.
 */
export interface Selector {
  metric: string
  readings: readonly [Tags, ...Tags[]]
}

/** Tags of k6 without a counterpart here. An author who writes one means a tag, not a part of a value. */
const foreignTags = ['scenario', 'url', 'proto', 'error', 'error_code', 'expected_response', 'tls_version']

/** Tags whose values never hold a comma: a second value would be an alternative, which selectors do not support. */
const plainTags: readonly string[] = ['method', 'status', 'operation', 'transport', 'reason', 'host', 'place']

const EXAMPLE = 'http_req_duration{name:/orders,status:200}'
const MOST_READINGS = 64

/**
 * Reads `http_req_duration{name:/v1/events/publish,status:202}`. A comma separates tags where the name of a tag and a
 * colon come after it; anywhere else it belongs to the value. A value may be quoted (`check:"a, user: b"`), or a comma
 * escaped (`a\, user: b`). @throws RangeError
 */
export function parseSelector(source: string, vocabulary: MetricVocabulary = builtInVocabulary): Selector {
  const [, name, tags] = /^\s*([^{\s]*)\s*(?:\{([^]*)\})?\s*$/.exec(source) ?? []
  if (name === undefined) {
    const missing = source.includes('{') ? ' with a } at its end' : ''
    throw new RangeError(`expected a metric such as ${EXAMPLE}${missing}, got ${quoted(source)}`)
  }
  const { kind } = definitionOf(name, vocabulary)
  if (tags === undefined || tags.trim() === '') return { metric: name, readings: [{}] }
  rejectUnknownTags(tags, vocabulary.tags)
  const [first, ...others] = readingsOf(tags, [], vocabulary.tags)
  if (first === undefined) throw new RangeError(`expected a tag such as name:/orders, got ${quoted(tags)}`)
  if (first.phase !== undefined && kind === 'gauge')
    throw new RangeError(`${name} is a gauge, the last value there was: it has no phase`)
  return { metric: name, readings: [first, ...others] }
}

/** Returns the definition of a metric. @throws RangeError if there is no such metric */
export function definitionOf(name: string, { metrics }: MetricVocabulary): MetricDefinition {
  const definition = metrics.get(name)
  if (definition !== undefined) return definition
  throw new RangeError(`there is no metric ${quoted(name)}${didYouMean(name, metrics.keys(), quoted)}`)
}

/** Returns the first reading for which `isMeasured` is true, or the first of all if there is none. */
export function chooseReading(readings: Selector['readings'], isMeasured: (reading: Tags) => boolean): Tags {
  return readings.length === 1 ? readings[0] : (readings.find(isMeasured) ?? readings[0])
}

/** Start of a tag: at the beginning, or behind a comma. */
const TAG = /^\s*([A-Za-z_]\w*)\s*:/

function rejectUnknownTags(text: string, known: readonly string[]): void {
  const [, first] = TAG.exec(text) ?? []
  if (first === undefined) throw new RangeError(`expected a tag such as name:/orders, got ${quoted(text)}`)
  if (!known.includes(first)) throw unknownTag(first, known, '')
  const seen = new Set([first])
  for (const [, comma, word = ''] of unquotedTags(text)) {
    if (seen.has(word) && plainTags.includes(word)) {
      throw new RangeError(`${word} is given twice, and a selector takes one value a tag: write a threshold for each`)
    }
    seen.add(word)
    // In prose, a space follows a colon, and a word that resembles a tag is not one.
    const looksLikeTag = !known.includes(word) && (foreignTags.includes(word) || nearest(word, known) !== undefined)
    if (comma === undefined || !looksLikeTag) continue
    throw unknownTag(
      word,
      known,
      `; if it is part of a value, put that in quotes, as in checks{check:"is ok, ${word}:1"}`,
    )
  }
}

/** Returns possible tags behind a comma, unless quoted or escaped. */
function unquotedTags(text: string): RegExpMatchArray[] {
  const bare = text.replaceAll(/(:\s*)("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')(?=\s*(?:,|$))/g, '$1')
  return [...bare.matchAll(/(?<!\\)(,)\s*([A-Za-z_]\w*)\s*:(?!\s)/g)]
}

function readingsOf(text: string, taken: readonly string[], known: readonly string[]): Tags[] {
  if (text.trim() === '') return [{}]
  const [head, name] = TAG.exec(text) ?? []
  if (head === undefined || name === undefined || !known.includes(name) || taken.includes(name)) return []
  const rest = text.slice(head.length)
  const readings: Tags[] = []
  for (const end of endsOf(rest)) {
    const others = readingsOf(rest.slice(end + 1), [...taken, name], known)
    for (const other of others)
      for (const value of valuesOf(rest.slice(0, end))) readings.push({ [name]: value, ...other })
    if (readings.length >= MOST_READINGS) break
  }
  return readings
}

/** Returns the offsets where a value may end: behind its quotes, at a comma, at the end; in order of preference. */
function endsOf(text: string): number[] {
  const quotes = /^\s*(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\s*(?=,|$)/.exec(text)
  const commas = [...text.matchAll(/(?<!\\),(?=\s*(?:[A-Za-z_]\w*\s*:|$))/g)].map(({ index }) => index)
  return [...new Set([...(quotes === null ? [] : [quotes[0].length]), ...commas, text.length])]
}

/** Returns the values that a text may stand for: the text in its quotes, itself, trimmed, or without escapes. */
function valuesOf(text: string): string[] {
  const trimmed = text.trim()
  const [, , inner] = /^(["'])([^]*)\1$/.exec(trimmed) ?? []
  const plain = (some: string) => some.replaceAll(/\\(.)/gs, '$1')
  return [...new Set([...(inner === undefined ? [] : [plain(inner)]), text, trimmed, plain(trimmed)])]
}

function unknownTag(name: string, known: readonly string[], advice: string): RangeError {
  return new RangeError(
    `there is no tag ${quoted(name)}${didYouMean(name, known, quoted)}; there are ${known.join(', ')}${advice}`,
  )
}

function quoted(text: string): string {
  return JSON.stringify(text)
}
