import { labs } from '../../labs/course.ts'
import { textTable } from '../text-table.ts'

/** Returns the labs in the order of the course, as a table. */
export function labListing(): string {
  const table = textTable(
    ['', 'lab', 'what it is about'],
    labs.map(({ name, title }, index) => [String(index + 1), name, title]),
  )
  return [...table, '', 'Begin with: loadcell lab percentiles'].join('\n')
}
