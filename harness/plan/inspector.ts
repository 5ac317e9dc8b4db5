import { describe } from '../../core/check.ts'
import { type Duration, expectedDuration, parseDuration } from '../../core/duration.ts'
import { didYouMean, nearest } from '../../core/nearest.ts'

type Fields = Record<string, unknown>

interface NumberRange {
  above?: number
  min?: number
  max?: number
  integer?: boolean
}

/** Timers cannot run longer than 2³¹ ms. */
export const LONGEST_DAYS = 24
export const LONGEST_MS = LONGEST_DAYS * 86_400_000

/**
 * Reads handwritten input. It notes every error with its place and returns a usable value instead, so that one pass finds all
 * errors. The caller must not use what it read unless `errors` is empty.
 */
export class Inspector {
  readonly errors: string[] = []

  note(path: string, detail: string): void {
    this.errors.push(path === '' ? detail : `${path}: ${detail}`)
  }

  expected(path: string, expected: string, value: unknown): void {
    this.note(path, `expected ${expected}, got ${describe(value)}`)
  }

  /** Returns the fields of an object. Notes those that are not among `known`, with a suggestion. */
  fields(path: string, value: unknown, known: readonly string[]): Fields {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.expected(path, 'an object', value)
      return {}
    }
    for (const key of Object.keys(value)) {
      if (known.includes(key)) continue
      const advice = didYouMean(key, known, JSON.stringify) || `; expected one of ${known.join(', ')}`
      this.note(at(path, key), `there is no such key${advice}`)
    }
    return value as Fields
  }

  list(path: string, value: unknown): unknown[] {
    if (Array.isArray(value) && value.length > 0) return value as unknown[]
    this.expected(path, 'an array with at least one item', value)
    return []
  }

  text(path: string, value: unknown): string {
    if (typeof value === 'string' && value.trim() !== '') return value
    this.expected(path, 'a text', value)
    return ''
  }

  oneOf<T extends string>(path: string, value: unknown, allowed: readonly T[]): T | undefined {
    if (allowed.includes(value as T)) return value as T
    const guess = typeof value === 'string' ? nearest(value, allowed) : undefined
    this.expected(
      path,
      guess === undefined ? allowed.join(' or ') : `${allowed.join(' or ')} (did you mean ${guess}?)`,
      value,
    )
    return undefined
  }

  number(path: string, value: unknown, range: NumberRange): number {
    const { above = Number.NEGATIVE_INFINITY, min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = range
    const fits =
      typeof value === 'number' &&
      Number.isFinite(value) &&
      value > above &&
      value >= min &&
      value <= max &&
      (!range.integer || Number.isInteger(value))
    if (fits) return value
    this.expected(path, describeRange(range), value)
    return Math.max(1, range.min ?? 1)
  }

  boolean(path: string, value: unknown): boolean {
    if (typeof value === 'boolean') return value
    this.expected(path, 'true or false', value)
    return false
  }

  durationMs(path: string, value: unknown, { above }: { above?: number } = {}): number {
    try {
      const durationMs = parseDuration(value as Duration)
      if (durationMs > LONGEST_MS) this.expected(path, `a duration of at most ${LONGEST_DAYS}d`, value)
      else if (above === undefined || durationMs > above) return durationMs
      else this.expected(path, 'a duration longer than 0', value)
    } catch {
      // A flag is text, in which a number needs a unit.
      const expected = expectedDuration(value)
      this.expected(
        path,
        path.startsWith('--') ? expected.replace(' or a number of milliseconds', '') : expected,
        value,
      )
    }
    return 1
  }

  function(path: string, value: unknown): boolean {
    if (typeof value === 'function') return true
    this.expected(path, 'a function', value)
    return false
  }
}

/** Returns the path of a key as people write it: `users[1].share`. */
export function at(path: string, key: string | number): string {
  if (typeof key === 'number') return `${path}[${key}]`
  const step = /^[A-Za-z_$][\w$]*$/.test(key) ? key : `[${JSON.stringify(key)}]`
  return path === '' ? step : step.startsWith('[') ? `${path}${step}` : `${path}.${step}`
}

function describeRange({ above, min, max, integer }: NumberRange): string {
  const noun = integer ? 'an integer' : 'a number'
  if (above !== undefined) return `${noun} above ${above}${max === undefined ? '' : ` and at most ${max}`}`
  if (max !== undefined) return `${noun} ${min}…${max}`
  return `${noun} of at least ${min}`
}
