import { median } from './rounds.ts'

/** Cells are text already; every column but the first is set to the right. */
export interface Table {
  title: string
  columns: string[]
  rows: string[][]
}

export function renderTable({ title, columns, rows }: Table): string {
  const widths = columns.map((column, index) => Math.max(column.length, ...rows.map(row => row[index]?.length ?? 0)))
  const line = (cells: string[]) =>
    `  ${cells.map((cell, index) => (index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[index] ?? 0))).join('  ')}`
  return [title, line(columns), line(widths.map(width => '─'.repeat(width))), ...rows.map(line)].join('\n')
}

/** `12,345`, `1.23`; a dash for what could not be measured. */
export function figure(value: number = Number.NaN, digits = 0): string {
  if (Number.isNaN(value)) return '–'
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

/** The median of the rounds, and between what they lay; a dash where there is nothing to tell. */
export function spread(rounds: readonly number[]): string {
  if (Number.isNaN(median(rounds))) return figure()
  return `${figure(median(rounds), 2)} (${figure(Math.min(...rounds), 2)}…${figure(Math.max(...rounds), 2)})`
}
