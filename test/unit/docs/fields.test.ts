import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Configuration } from '../../../target/configuration/configuration.ts'
import { DistributionValue } from '../../../core/distributions/value.ts'
import { faults } from '../../../contract/faults/fault.ts'
import { FaultMatch, FaultRule } from '../../../contract/faults/rule.ts'
import { FaultPhase, FaultTimeline } from '../../../contract/faults/configuration.ts'
import { root, sections, tablesIn } from '../../support/markdown.ts'
import { targetSeries } from '../../../harness/server/target-source.ts'
import { usualSelectors } from '../../../harness/server/series-selector.ts'
import { exportsOf } from '../../support/public-types.ts'

/** A part of the configuration's schema. */
interface Schema {
  properties?: Record<string, Schema>
  items?: Schema
}

const fieldsOf = ({ properties = {} }: { properties?: object }): string[] => Object.keys(properties)

/** Returns the first column of the tables whose header begins with the given cell. */
function documented(page: string, heading: string, header: string): string[] {
  const section = sections(page).find(({ title }) => title === heading)
  if (section === undefined) throw new Error(`${page} has no section "${heading}"`)
  return tablesIn(section.text)
    .filter(([head]) => head?.[0] === header)
    .flatMap(([, ...rows]) => rows.map(([cell = '']) => cell))
}

describe('the reference of scenarios', () => {
  const page = 'docs/scenario-reference.md'
  const { types, functions } = exportsOf(join(root, 'harness/scenario.ts'), join(root, 'harness'))
  const described = sections(page).map(({ title, text }) => ({
    names: [...title.matchAll(/`(\w+)`/g)].map(([, name = '']) => name),
    fields: tablesIn(text).flatMap(([, ...rows]) => rows.map(([cell = '']) => cell)),
  }))

  it('has a section for every type with fields', () => {
    const named = described.flatMap(({ names }) => names)
    expect(named.toSorted()).toEqual([...types.keys()].toSorted())
  })

  it.each([...types])('lists every field of %s', (name, fields) => {
    const section = described.find(({ names }) => names.includes(name))
    expect(section?.fields).toEqual(expect.arrayContaining(fields))
  })

  it.each(described.filter(({ names }) => names.length > 0))('lists no other fields under $names', section => {
    const known = section.names.flatMap(name => types.get(name) ?? [])
    expect(section.fields.filter(field => !known.includes(field))).toEqual([])
  })

  it('lists every function', () => {
    expect(documented(page, 'Functions', 'function').toSorted()).toEqual(functions.toSorted())
  })
})

describe('the reference of faults', () => {
  const page = 'docs/faults.md'

  it.each([
    ['Rules', 'part', FaultRule],
    ['What a rule matches', 'field', FaultMatch],
    ['Windows, ttl and timelines', 'field of a timeline', FaultTimeline],
    ['Windows, ttl and timelines', 'field of a phase', FaultPhase],
  ] as const)('lists the fields under "%s" in the column "%s"', (heading, header, schema) => {
    expect(documented(page, heading, header).toSorted()).toEqual(fieldsOf(schema).toSorted())
  })

  it.each(Object.entries(faults))('lists the fields of %s', (type, schema) => {
    const rows =
      type === 'capacity' ? documented('docs/capacity.md', 'Settings', 'key') : documented(page, type, 'field')
    expect(['type', ...rows].toSorted()).toEqual(fieldsOf(schema).toSorted())
  })
})

describe('the reference of distributions', () => {
  const families = DistributionValue.anyOf.filter(family => 'properties' in family)
  const text = sections('docs/distributions.md').map(section => section.text)

  it.each(families.map(family => [family.properties.type.const, fieldsOf(family)] as const))(
    'shows every field of %s',
    (_type, fields) => {
      const isShown = (field: string) => text.some(part => part.includes(`${field}:`) || part.includes(`\`${field}\``))
      expect(fields.filter(field => !isShown(field))).toEqual([])
    },
  )
})

describe('the reference of the configuration', () => {
  it('lists every field of the items of its lists', () => {
    function* itemFields(schema: Schema, path: string): Generator<string> {
      for (const [key, value] of Object.entries(schema.properties ?? {})) {
        const place = path === '' ? key : `${path}.${key}`
        yield* itemFields(value, place)
        // Fault rules have a page of their own.
        if (place.startsWith('faults.')) continue
        for (const field of fieldsOf(value.items ?? {})) yield `${place}[].${field}`
      }
    }
    const rows = documented('docs/target.md', 'Items of lists', 'field')
    expect(rows.toSorted()).toEqual([...itemFields(Configuration as Schema, '')].toSorted())
  })
})

describe('the page on server metrics', () => {
  const page = 'docs/server-metrics.md'

  it('has every series of the target', () => {
    const cells = documented(page, "The target's own metrics", 'series')
    const named = cells.flatMap(cell => cell.match(/\w+/g) ?? [])
    expect(named.toSorted()).toEqual(Object.values(targetSeries).toSorted())
  })

  it('has the usual series of a process or machine', () => {
    const { text } = sections(page).find(({ title }) => title === 'Choosing series')!
    const usual = text.slice(text.indexOf('if the endpoint has them'), text.indexOf('Loadcell keeps'))
    expect(Array.from(usual.matchAll(/`([^`#]+)`/g), ([, name]) => name)).toEqual(usualSelectors)
  })
})
