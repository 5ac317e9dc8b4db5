import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BenchReport, Circumstances, Table } from './report.ts'

const file = join(import.meta.dirname, '../..', 'docs', 'benchmarks.md')

/** Puts the tables of a benchmark into the documentation, if it has a place for them. Returns what it did, in words. */
export function writeIntoDocument(name: string, circumstances: Circumstances, report: BenchReport): string {
  const written = documentWith(readFileSync(file, 'utf8'), name, inMarkdown(circumstances, report))
  if (written === undefined) return `${file} has no place for the tables of ${name}`
  writeFileSync(file, written)
  return file
}

/** Returns the document with this text between the comments of a benchmark; undefined without both comments. */
export function documentWith(document: string, name: string, text: string): string | undefined {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`]
  const [before, ...rest] = document.split(begin)
  const [, ...after] = rest.join(begin).split(end)
  return after.length === 0 ? undefined : `${before}${begin}\n\n${text}\n\n${end}${after.join(end)}`
}

function inMarkdown({ machine, rounds, seconds, busyBefore }: Circumstances, { tables, notes }: BenchReport): string {
  const when = new Date().toISOString().slice(0, 10)
  const others = `Just before, other processes used ${Math.round(busyBefore * 100)} % of the machine.`
  const circumstances = `On ${when}, ${machine}; ${rounds} rounds of ${seconds} s, medians. ${others}`
  return [circumstances, ...tables.map(tableInMarkdown), ...notes.map(note => `- ${note}`)].join('\n\n')
}

function tableInMarkdown({ title, columns, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [`${title}:`, '', line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n')
}
