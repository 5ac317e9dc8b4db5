import { formatCount } from '../../core/number-format.ts'
import type { RunResult } from '../results/run-result.ts'
import { formatPart, formatPercentiles, formatRate } from './quantity.ts'
import { clipped } from './terminal.ts'

const MOST_PLACES = 8
const LONGEST_NAME = 20

/** Returns a line for each place of workers: its requests, their failures and times. */
export function placeLines({ places = [] }: Pick<RunResult, 'places'>, width: number): string[] {
  const rows = places.slice(0, MOST_PLACES).map(row => ({ ...row, name: row.place === '' ? '(none)' : row.place }))
  const nameWidth = Math.min(LONGEST_NAME, Math.max(0, ...rows.map(({ name }) => name.length))) + 2
  const lines = rows.map(({ name, requests, requestsPerSecond, failed, response }) => {
    const told = [
      `${formatCount(requests)} requests`,
      `${formatRate(requestsPerSecond)} a second`,
      ...(failed > 0 ? [`${formatPart(failed, requests)} failed`] : []),
      ...formatPercentiles(response).slice(0, 2),
    ]
    return clipped(`${clipped(name, LONGEST_NAME).padEnd(nameWidth)}${told.join(' · ')}`, width)
  })
  return places.length > MOST_PLACES ? [...lines, `and ${places.length - MOST_PLACES} more`] : lines
}
