import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { presets } from '../../../contract/faults/presets.ts'
import { faultScopes } from '../../../contract/faults/fault.ts'
import type { FaultRule } from '../../../contract/faults/rule.ts'
import { faultsBench } from '../../support/faults-bench.ts'

function text(file: string): string {
  return readFileSync(resolve(import.meta.dirname, '../../../docs', file), 'utf8')
}

/** What stands in the blocks of a document that are marked as being in this language. */
function blocks(file: string, language: string): string[] {
  return [...text(file).matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'))].map(([, block]) => block!)
}

const rules = ['faults.md', 'capacity.md'].flatMap(file =>
  blocks(file, 'json').map(block => [file, [JSON.parse(block) as FaultRule | FaultRule[]].flat()] as const),
)

/** What readers copy out of the documents works as it stands. */
describe('the examples in docs', () => {
  it.each(rules)('of rules are good: %s %j', (_file, some) => {
    const { faults } = faultsBench({ rules: some })
    expect(faults.rules.map(({ definition }) => definition)).toEqual(some)
  })

  it.each(blocks('faults.md', 'yaml'))('of a configuration are good: %s', block => {
    const { faults } = parse(block) as { faults: object }
    expect(() => faultsBench(faults)).not.toThrow()
  })

  it('show every fault', () => {
    const shown = rules.flatMap(([, some]) => some.map(({ fault }) => fault.type))
    expect(Object.keys(faultScopes).filter(type => !(shown as string[]).includes(type))).toEqual([])
  })

  it('name every preset', () => {
    const named = [...text('faults.md').matchAll(/^\| `(\w+)` \| (.*) \|$/gm)].map(([, name, what]) => [name, what])
    for (const [name, { description }] of Object.entries(presets)) expect(named).toContainEqual([name, description])
  })
})
