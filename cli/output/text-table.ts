/**
 * Returns the lines of a table, with two spaces between columns.
 * @param texts number of columns that are aligned to the left; numbers follow.
 */
export function textTable(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  texts = titles.length,
): string[] {
  const widths = titles.map((title, at) => Math.max(title.length, ...rows.map(row => row[at]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, at) => (at < texts ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!)))
      .join('  ')
      .trimEnd()
  return [titles, ...rows].map(line)
}
