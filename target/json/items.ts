import { jsonErrorOffset } from './error-offset.ts'
import { nameOf } from './members.ts'
import {
  type JsonError,
  malformedAt,
  mayReachPrototype,
  parseJson,
  reachesPrototype,
  tooDeep,
  unacceptableKey,
} from './read-json.ts'
import { COLON, COMMA, isBracket, isOpening, QUOTE, skipSpace, stringEnd, trimEnd } from './scan.ts'

/** A JSON object with a list whose items are accepted or refused one by one. */
export interface JsonWithItems {
  value: unknown
  items: readonly JsonItem[]
}

/** One item as it was written, and the error if it is not accepted. */
export interface JsonItem {
  text: string
  error: JsonError | undefined
}

interface Span {
  start: number
  end: number
  isTooDeep: boolean
}

/**
 * Reads a JSON object with a list of items under this name. Each item may have `most` levels, counted from the item, and the
 * rest of the object may have as many. An item that is not accepted is `null` in the value.
 * @throws JsonError if the text is not JSON, or the rest of the object is not accepted
 */
export function readJsonWithItems(text: string, name: string, most: number): JsonWithItems {
  const spans = spansOf(text, name, most)
  const deep = spans.filter(({ isTooDeep }) => isTooDeep)
  for (const { start, end } of deep) {
    const offset = jsonErrorOffset(text.slice(start, end))
    if (offset !== undefined) throw malformedAt(text, start + offset)
  }
  const value = deep.length === 0 ? parseJson(text) : parseJson(withNulls(text, deep))
  const items = spans.map(({ start, end, isTooDeep }): JsonItem => {
    return { text: text.slice(start, end), error: isTooDeep ? tooDeep(most) : undefined }
  })
  if (mayReachPrototype(text)) refuseReaching(value as Record<string, unknown>, name, items)
  return { value, items }
}

/** Replaces these items by null and spaces, so that offsets stay the same. */
function withNulls(text: string, spans: readonly Span[]): string {
  const parts: string[] = []
  let at = 0
  for (const { start, end } of spans) {
    parts.push(text.slice(at, start), 'null', ' '.repeat(Math.max(0, end - start - 4)))
    at = end
  }
  parts.push(text.slice(at))
  return parts.join('')
}

/** Refuses the items that reach for a prototype. @throws JsonError if the rest of the object does */
function refuseReaching(value: Record<string, unknown>, name: string, items: readonly JsonItem[]): void {
  if (!reachesPrototype(value)) return
  const list = value[name]
  if (!Array.isArray(list) || reachesPrototype({ ...value, [name]: undefined })) throw unacceptableKey()
  for (const [index, item] of items.entries()) if (reachesPrototype(list[index])) item.error ??= unacceptableKey()
}

/**
 * Returns the positions of the items. For text that is not JSON they are meaningless; parsing it will fail.
 * @throws JsonError if the rest of the object is too deep, or an item that is too deep has no end
 */
function spansOf(text: string, name: string, most: number): Span[] {
  let spans: Span[] = []
  let depth = 0
  /** Whether the value that comes next is the list of items, and whether the scan is inside that list. */
  let isListNext = false
  let isInList = false
  let start = 0
  let isTooDeep = false
  const close = (at: number) => {
    const first = skipSpace(text, start)
    const end = trimEnd(text, at)
    if (end > first) spans.push({ start: first, end, isTooDeep })
    isTooDeep = false
  }
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      const nameAt = at
      at = stringEnd(text, at)
      if (depth !== 1 || text.charCodeAt(skipSpace(text, at + 1)) !== COLON) continue
      isListNext = nameOf(text.slice(nameAt, at + 1)) === name
      // The last of several members with this name counts, as in `JSON.parse`.
      if (isListNext) spans = []
    } else if (isBracket(code)) {
      if (isOpening(code)) {
        depth += 1
        if (depth === 2 && isListNext && text[at] === '[') {
          isInList = true
          start = at + 1
        } else if (isInList) isTooDeep ||= depth - 2 > most
        else if (depth > most) throw tooDeep(most)
        isListNext = false
      } else {
        depth -= 1
        if (depth === 1 && isInList) {
          close(at)
          isInList = false
        }
      }
    } else if (code === COMMA && isInList && depth === 2) {
      close(at)
      start = at + 1
    }
  }
  if (isTooDeep) throw tooDeep(most)
  return spans
}
