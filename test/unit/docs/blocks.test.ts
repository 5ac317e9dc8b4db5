import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { FaultsConfiguration } from '../../../contract/faults/configuration.ts'
import type { FaultRule } from '../../../contract/faults/rule.ts'
import { faultScopes } from '../../../contract/faults/fault.ts'
import { readPlan } from '../../../cli/options/faults-plan.ts'
import { readSource } from '../../../harness/authoring/source.ts'
import { scenariosFromOpenApi } from '../../../harness/authoring/openapi/write.ts'
import { loadConfiguration } from '../../../target/configuration/load.ts'
import { faultsBench } from '../../support/faults-bench.ts'
import { type Block, blocks, blocksIn, moduleOf, root } from '../../support/markdown.ts'

function temporary<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'loadcell-docs-'))
  try {
    return use(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** JSON blocks are rules, as sent to the API, or items of the `errors` of a problem, as it responds. */
const isApi = (text: string) => /^openapi:/m.test(text)

const isErrorItem = (value: object) => Object.keys(value).join() === 'pointer,detail'

const rules = blocksIn('json').flatMap(([place, { text }]) =>
  [JSON.parse(text) as object]
    .filter(value => !isErrorItem(value))
    .map(value => [place, [value].flat() as FaultRule[]]),
) as [string, FaultRule[]][]

/** Pipelines are configurations of others. `test/e2e/cli/recipes.test.ts` runs their steps. */
const configurations = blocksIn('yaml').filter(([, { fileName, text }]) => !fileName?.startsWith('.') && !isApi(text))

/** Documents of services, each with the scenario that `loadcell init` writes from it in the next block. */
const services = blocksIn('yaml').filter(([, { text }]) => isApi(text))

/** Readers copy blocks out of documents: a new one is tested without being listed here. */
describe('the blocks of documents', () => {
  it('name their language', () => {
    const languages = ['sh', 'ts', 'js', 'yaml', 'json', 'groovy', 'text']
    const others = blocks.filter(({ language }) => !languages.includes(language))
    expect(others.map(({ document, line }) => `${document}:${line}`)).toEqual([])
    // There is no way of saying nothing is tested: each language has its blocks.
    for (const language of languages) expect(blocksIn(language)).not.toEqual([])
  })

  it.each(rules)('in JSON are valid rules: %s', (_place, some) => {
    const { faults } = faultsBench({ rules: some })
    expect(faults.rules.map(({ definition }) => definition)).toEqual(some)
  })

  it('include every fault', () => {
    const shown: string[] = rules.flatMap(([, some]) => some.map(({ fault }) => fault.type))
    expect(Object.keys(faultScopes).filter(type => !shown.includes(type))).toEqual([])
  })

  it.each(configurations)('in YAML are valid configurations or fault files: %s', (_place, { text }) =>
    temporary(folder => {
      const file = join(folder, 'some.yaml')
      writeFileSync(file, text)
      const { faults } = loadConfiguration({ file, env: {}, flags: {} })
      if (!/^faults:/m.test(text)) return
      const plan = readPlan([file])
      expect({ ...plan, timeline: plan.timeline ?? null }).toEqual(faults)
      expect(() => faultsBench(faults satisfies FaultsConfiguration)).not.toThrow()
    }),
  )

  it.each(services)('in OpenAPI become the scenario that is shown below: %s', (_place, block) => {
    const { content } = readSource(block.text)
    const base = block.fileName!.replace('.yaml', '')
    const text = scenariosFromOpenApi(content, base, { only: [], tags: [] }).files.get(`${base}.ts`)
    const shown = blocks[blocks.indexOf(block) + 1]!.text.split('\n').filter(line => !/^ *…?$/.test(line))
    expect(shown.length).toBeGreaterThan(10)
    expect(shown.filter(line => !text!.split('\n').includes(line))).toEqual([])
  })

  it('in TypeScript pass the type check', () =>
    temporary(folder => {
      const names = blocksIn('ts').map(([place, block]: [string, Block]) => {
        const name = `${place.replaceAll(/\W/g, '-')}.ts`
        writeFileSync(join(folder, name), moduleOf(block))
        return name
      })
      const compilerOptions = {
        paths: { loadcell: [join(root, 'harness/scenario.ts')] },
        typeRoots: [join(root, 'node_modules/@types')],
        noUnusedLocals: false,
        noUnusedParameters: false,
      }
      const config = { extends: join(root, 'tsconfig.json'), compilerOptions, include: names }
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
      writeFileSync(join(folder, 'package.json'), '{"type": "module"}')
      let errors = ''
      try {
        execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder])
      } catch (error) {
        errors = String((error as { stdout: Buffer }).stdout)
      }
      expect(errors).toBe('')
    }))
})
