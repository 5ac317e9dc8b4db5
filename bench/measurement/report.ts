import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { median } from '../../core/median.ts'
import type { Rounds } from './rounds.ts'

/** A benchmark. */
export interface Bench {
  name: string
  description: string
  run(rounds: Rounds): Promise<BenchReport>
}

/** The findings of one benchmark. */
export interface BenchReport {
  tables: Table[]
  marks: SpeedMark[]
  /** Remarks that a reader needs in order to read the numbers correctly. */
  notes: string[]
  /** Every reading of every round, by contender, for further analysis. */
  readings: unknown
}

/** A table of text cells. All columns but the first are aligned to the right. */
export interface Table {
  title: string
  columns: string[]
  rows: string[][]
}

/** A claim about the project's own speed, and whether the median of the rounds meets it here. */
export interface SpeedMark {
  claim: string
  rounds: readonly number[]
  holds: boolean
}

/** Returns a report to which each part of a benchmark adds its findings. */
export function emptyReport(notes: string[]): BenchReport & { readings: unknown[] } {
  return { tables: [], marks: [], notes, readings: [] }
}

export function atLeast(claim: string, rounds: readonly number[], limit: number): SpeedMark {
  return { claim: `${claim} ≥ ${limit}`, rounds, holds: median(rounds) >= limit }
}

export function atMost(claim: string, rounds: readonly number[], limit: number): SpeedMark {
  return { claim: `${claim} ≤ ${limit}`, rounds, holds: median(rounds) <= limit }
}

export function renderReport({ tables, marks, notes }: BenchReport): string {
  const verdicts: Table = {
    title: 'marks',
    columns: ['claim', 'observed', 'rounds', 'verdict'],
    rows: marks.map(({ claim, rounds, holds }) => [
      claim,
      figure(median(rounds), 2),
      range(rounds, 2),
      holds ? 'holds' : 'misses',
    ]),
  }
  return [...tables.map(renderTable), renderTable(verdicts), ...notes.map(note => `  * ${note}`)].join('\n\n')
}

function renderTable({ title, columns, rows }: Table): string {
  const widths = columns.map((column, index) => Math.max(column.length, ...rows.map(row => row[index]?.length ?? 0)))
  const line = (cells: string[]) =>
    `  ${cells.map((cell, index) => (index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[index] ?? 0))).join('  ')}`
  return [title, line(columns), line(widths.map(width => '─'.repeat(width))), ...rows.map(line)].join('\n')
}

/** Formats a number as `12,345` or `1.23`, and NaN as a dash. */
export function figure(value: number = Number.NaN, digits = 0): string {
  if (Number.isNaN(value)) return '–'
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

/** Formats the median of the rounds and their range, or a dash if a round has no number. */
export function spread(rounds: readonly number[]): string {
  return Number.isNaN(median(rounds)) ? figure() : `${figure(median(rounds), 2)} (${range(rounds, 2)})`
}

export function range(rounds: readonly number[], digits: number): string {
  return `${figure(Math.min(...rounds), digits)}…${figure(Math.max(...rounds), digits)}`
}

/** How a benchmark was run. */
export interface Circumstances extends Rounds {
  machine: string
  /** Share of all cores that other processes were using just before. */
  busyBefore: number
}

/** @returns the path of the file. */
export function writeReport(name: string, circumstances: Circumstances, report: BenchReport): string {
  const folder = join(import.meta.dirname, '../results')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${name}.json`)
  const at = new Date().toISOString()
  writeFileSync(file, `${JSON.stringify({ bench: name, at, ...circumstances, ...report }, null, 2)}\n`)
  return file
}
