/** Columns set apart by two spaces: the first to the left, the others as they are said; as wide as the widest cell. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const widths = columns.map(({ title }, at) => Math.max(title.length, ...rows.map(row => row[at]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    columns
      .map(({ right }, at) => (right ? (cells[at] ?? '').padStart(widths[at]!) : (cells[at] ?? '').padEnd(widths[at]!)))
      .join('  ')
      .trimEnd()
  return [line(columns.map(({ title }) => title)), ...rows.map(line)]
}

export interface Column {
  title: string
  /** Numbers. */
  right?: true
}
