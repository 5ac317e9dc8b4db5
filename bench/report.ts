import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { median, type Rounds } from './rounds.ts'
import { figure, renderTable, type Table } from './table.ts'

/** The findings of one bench. */
export interface BenchReport {
  tables: Table[]
  marks: SpeedMark[]
  /** Remarks that a reader needs in order to read the numbers correctly. */
  notes: string[]
  /** Every reading of every round, by contender, for other computations. */
  readings: unknown
}

/** A claim about the project's own speed, and whether it holds here: in the median of the rounds. */
export interface SpeedMark {
  claim: string
  rounds: readonly number[]
  holds: boolean
}

export interface Bench {
  name: string
  description: string
  run(rounds: Rounds): Promise<BenchReport>
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
      `${figure(Math.min(...rounds), 2)}…${figure(Math.max(...rounds), 2)}`,
      holds ? 'holds' : 'misses',
    ]),
  }
  return [...tables.map(renderTable), renderTable(verdicts), ...notes.map(note => `  * ${note}`)].join('\n\n')
}

export interface Circumstances extends Rounds {
  machine: string
  /** Share of all cores that others were using right before. */
  busyBefore: number
}

/** @returns where it went. */
export function writeReport(name: string, circumstances: Circumstances, report: BenchReport): string {
  const folder = join(import.meta.dirname, 'results')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${name}.json`)
  const at = new Date().toISOString()
  writeFileSync(file, `${JSON.stringify({ bench: name, at, ...circumstances, ...report }, null, 2)}\n`)
  return file
}
