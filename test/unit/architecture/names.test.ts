import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const roots = ['core', 'contract', 'pages', 'target', 'harness', 'calibration', 'labs', 'cli', 'bench']
const DECLARATION = /^(?:export )?(?:abstract )?(?:interface|type|class) (\w+)/gm

/** The files that declare a type of a name, exported or not. */
function filesByType(): Map<string, string[]> {
  const files = new Map<string, string[]>()
  for (const root of roots) {
    for (const path of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
      if (!path.endsWith('.ts')) continue
      const file = join(root, path)
      const names = new Set(Array.from(readFileSync(file, 'utf8').matchAll(DECLARATION), ([, name]) => name!))
      for (const name of names) files.set(name, [...(files.get(name) ?? []), file])
    }
  }
  return files
}

describe('the types of the product', () => {
  const types = [...filesByType()]

  it('have one file for each name', () => {
    expect(types.filter(([, files]) => files.length > 1)).toEqual([])
  })

  it('say whether they are options or dependencies, rather than parts or surroundings', () => {
    expect(types.filter(([name]) => name.endsWith('Parts') || name === 'Surroundings')).toEqual([])
  })
})
