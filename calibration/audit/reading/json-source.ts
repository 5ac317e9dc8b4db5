import { type Checker, dottedPath } from '../../../core/check.ts'
import { ReportError, type ReportSource } from '../tool.ts'
import { textOf } from './source-text.ts'

/**
 * Reads a source that is one JSON value.
 *
 * @param format in words, e.g. `the JSON of fortio`
 * @throws ReportError when it is no JSON, or JSON of another shape.
 */
export function readJsonSource<T>(source: ReportSource, format: string, shape: Checker<T>): T {
  return checkedJson(parseJson(textOf(source), source.name, format), source.name, format, shape)
}

/** @throws ReportError when the text is no JSON */
export function parseJson(text: string, place: string, format: string): unknown {
  if (text.trim() === '')
    throw new ReportError(`${place}: expected ${format}, got nothing. Did the tool run to its end?`)
  try {
    return JSON.parse(text)
  } catch (error) {
    const why = isCutOff(text)
      ? `it ends in the middle, after ${text.length} characters. Run the tool to its end`
      : `it is no valid JSON (${(error as Error).message}). Pass the file as the tool wrote it`
    throw new ReportError(`${place}: expected ${format}, but ${why}.`, { cause: error })
  }
}

/** @throws ReportError when a value has another shape */
export function checkedJson<T>(value: unknown, place: string, format: string, shape: Checker<T>): T {
  if (shape.check(value)) return value
  const [error] = shape.errors(value)
  const where = error === undefined || error.pointer === '' ? '' : ` at ${dottedPath(error.pointer)}`
  throw new ReportError(
    `${place}: expected ${format}, but${where} ${error?.detail ?? 'it has another shape'}. It may be of another tool or version.`,
  )
}

function isCutOff(text: string): boolean {
  return /^\s*[[{]/.test(text) && !/[\]}]\s*$/.test(text)
}
