import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { exitCodes } from '../../../harness/results/exit-codes.ts'
import { Configuration } from '../../../target/configuration/configuration.ts'
import { DistributionValue } from '../../../core/distributions/value.ts'
import { presets } from '../../../contract/faults/presets.ts'
import { failureReasons, metrics } from '../../../harness/metrics/catalog.ts'
import { parseDistribution } from '../../../core/distributions/parse.ts'
import { problems } from '../../../contract/problem.ts'
import { reportFormatNames, reportFormats, summaryStyles } from '../../../harness/report/format-names.ts'
import { reportFiles } from '../../../harness/report/formats.ts'
import { root, sections, tablesIn } from '../../support/markdown.ts'

/** Returns the rows of the tables under a heading, with the backticks taken off. */
function table(file: string, heading: string): string[][] {
  const section = sections(`docs/${file}`).find(({ title }) => title === heading)
  if (section === undefined) throw new Error(`${file} has no section "${heading}"`)
  return tablesIn(section.text).flatMap(([, ...rows]) =>
    rows.map(cells => cells.map(cell => cell.replaceAll('`', '').replaceAll('\\|', '|'))),
  )
}

interface Leaf {
  default?: unknown
  description?: string
  properties?: Record<string, Leaf>
}

function* leaves(schema: Leaf, path: string[] = []): Generator<[string, Leaf]> {
  if (schema.properties === undefined) yield [path.join('.'), schema]
  for (const [key, value] of Object.entries(schema.properties ?? {})) yield* leaves(value, [...path, key])
}

/** The documents' tables are held against the code, so that neither can change alone. */
describe('the tables in docs', () => {
  it('name every metric, with its kind, unit and meaning', () => {
    expect(table('measurement.md', 'Metrics')).toEqual(
      Object.entries(metrics).map(([name, { kind, unit, description }]) => [name, kind, unit, description]),
    )
  })

  it('name every failure reason', () => {
    expect(table('measurement.md', 'Failure reasons')).toEqual(Object.entries(failureReasons))
  })

  it('name every exit code', () => {
    const documented = table('measurement.md', 'Exit codes').map(([code]) => Number(code))
    expect(documented.toSorted((a, b) => a - b)).toEqual(Object.values(exitCodes).toSorted((a, b) => a - b))
  })

  it('name every configuration key, with its default and meaning', () => {
    const shown = (value: unknown) => (value === '' ? '(empty)' : String(value))
    expect(table('target.md', 'Configuration')).toEqual(
      [...leaves(Configuration as Leaf)].map(([key, schema]) => [
        key,
        // Lists are too long for a table, which says where they are.
        typeof schema.default === 'object' ? (expect.any(String) as string) : shown(schema.default),
        schema.description,
      ]),
    )
  })

  it('name every distribution, with its mean, median and 99th percentile', () => {
    const rows = table('distributions.md', 'Families').map(([example = '', ...figures]) => {
      const value = parse(example) as Exclude<DistributionValue, string | number>
      const distribution = parseDistribution(value)
      expect(figures.slice(0, 3).map(Number), example).toEqual(
        [distribution.meanMs, distribution.quantile(0.5), distribution.quantile(0.99)].map(figure =>
          Number(figure.toPrecision(3)),
        ),
      )
      return value.type
    })
    const types = DistributionValue.anyOf.flatMap(arm => ('properties' in arm ? [arm.properties.type.const] : []))
    expect(rows).toEqual(types)
  })

  it('name every preset of faults, with its sentence', () => {
    expect(table('faults.md', 'Presets')).toEqual(
      Object.entries(presets).map(([name, { description }]) => [name, description]),
    )
  })

  it('name every format of a report, with its files and meaning', () => {
    expect(table('reports.md', 'Formats')).toEqual(
      reportFormatNames.map(format => [format, Object.keys(reportFiles[format]).join(', '), reportFormats[format]]),
    )
  })

  it('name every style of the summary', () => {
    const styles = table('reports.md', 'Thresholds and summary').map(([style]) => style)
    expect(styles).toEqual(summaryStyles)
  })

  it('name every published schema', () => {
    const files = table('reports.md', 'Schemas').map(([, , file]) => file)
    const published = readdirSync(join(root, 'schemas'), 'utf8').map(file => `schemas/${file}`)
    expect(new Set(files)).toEqual(new Set(published))
  })

  it('name every problem the target answers with, and its status', () => {
    expect(table('api.md', 'Problems')).toEqual(
      Object.entries(problems).map(([code, { status, title }]) => [code, String(status), title]),
    )
  })
})
