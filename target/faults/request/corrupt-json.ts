import { randomInteger, type Random } from '../../../core/random.ts'

type JsonRecord = Record<string, unknown>

/** Deletes a field, drawn among those that have a value, from each record of an answer. Records without it stay as they are. */
export function withoutField(answer: unknown, random: Random): void {
  const records = recordsOf(answer)
  const name = drawnField(records, random)
  for (const record of records) if (name !== undefined) delete record[name]
}

/** Sets a field, drawn among those that have a value, to null in each record of an answer. */
export function withNullField(answer: unknown, random: Random): void {
  const records = recordsOf(answer)
  const name = drawnField(records, random)
  for (const record of records) if (name !== undefined && name in record) record[name] = null
}

/** Replaces the id of each record of an answer, its field `id` or else the first one that ends with `_id`, by another that looks as good. */
export function withOtherIds(answer: unknown): void {
  for (const record of recordsOf(answer)) {
    const names = Object.keys(record).filter(name => isId(record[name]))
    const name = names.find(name => name === 'id') ?? names.find(name => name.endsWith('_id'))
    if (name !== undefined) record[name] = otherId(record[name] as string | number)
  }
}

/** Empties each list of an answer, and returns it: an answer may be a list itself. */
export function withEmptyLists(answer: unknown): unknown {
  if (Array.isArray(answer)) return []
  if (!isFields(answer)) return answer
  for (const [name, value] of Object.entries(answer)) if (Array.isArray(value)) answer[name] = []
  return answer
}

/** Returns another id of the same type and length: the next number, or the text with another last letter or digit. */
export function otherId(id: string | number): string | number {
  if (typeof id === 'number') return id + 1
  const at = id.search(/[a-z\d][^a-z\d]*$/i)
  if (at < 0) return `${id}x`
  const last = id[at]!
  const other = /\d/.test(last) ? String((Number(last) + 1) % 10) : last.toLowerCase() === 'a' ? 'b' : 'a'
  return id.slice(0, at) + other + id.slice(at + 1)
}

/** An answer with an id of its own, which may have a list, as an order has items; else the elements of its first list of objects; else the answer. */
function recordsOf(answer: unknown): JsonRecord[] {
  if (Array.isArray(answer)) return answer.filter(isFields)
  if (!isFields(answer)) return []
  if ('id' in answer) return [answer]
  const list = Object.values(answer).find((value): value is unknown[] => Array.isArray(value) && value.some(isFields))
  return list === undefined ? [answer] : list.filter(isFields)
}

function drawnField(records: readonly JsonRecord[], random: Random): string | undefined {
  const [first = {}] = records
  const names = Object.keys(first).filter(name => first[name] !== null)
  return names[randomInteger(random, Math.max(1, names.length))]
}

function isFields(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isId(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number'
}
