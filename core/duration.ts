const UNIT_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `'1m30s'`, `'250ms'`, `'1.5s'`, or a number of milliseconds. */
export type Duration = string | number

/**
 * Returns a duration in milliseconds.
 * @throws RangeError stating what was expected and what came
 */
export function parseDuration(value: Duration): number {
  if (typeof value === 'number') {
    if (Number.isFinite(value) && value >= 0) return value
    throw invalid(value)
  }
  const text = value.trim()
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) {
    if (text === '0') return 0
    throw invalid(value)
  }
  let totalMs = 0
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    totalMs += Number(amount) * (UNIT_MS[unit as string] as number)
  }
  return totalMs
}

/** Formats a duration for people: `850ms`, `12.5s`, `2m 5s`, `1h 3m`. */
export function formatDuration(durationMs: number): string {
  if (durationMs === 0) return '0s'
  if (durationMs < 1) return `${trim(durationMs, 3)}ms`
  if (durationMs < 1000) return `${trim(durationMs, durationMs < 100 ? 1 : 0)}ms`
  if (durationMs < 60_000) return `${trim(durationMs / 1000, 1)}s`
  const seconds = Math.round(durationMs / 1000)
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60]
  return [hours && `${hours}h`, minutes && `${minutes}m`, !hours && rest && `${rest}s`].filter(Boolean).join(' ')
}

function trim(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)))
}

/** Says what was expected in place of this value. A number in a text, such as a flag, must have a unit. */
export function expectedDuration(value: unknown): string {
  const amount = typeof value === 'string' ? value.trim() : ''
  return /^\d+(\.\d+)?$/.test(amount)
    ? `a duration with its unit, such as '${amount}s' or '${amount}ms'`
    : "a duration such as '250ms', '1.5s', '1m30s' or a number of milliseconds"
}

function invalid(value: unknown): RangeError {
  return new RangeError(`expected ${expectedDuration(value)}, got ${JSON.stringify(value)}`)
}
