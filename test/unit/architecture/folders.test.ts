import { describe, expect, it } from 'vitest'
import { importsIn } from '../../support/imports.ts'

const roots = ['core', 'contract', 'pages', 'target', 'harness', 'calibration', 'labs', 'cli', 'bench']

/** The imports between the children of one folder: by child, the children that it imports and a file that does. */
type Graph = Map<string, Map<string, string>>

/** The imports between siblings, by the folder they are in. Siblings are folders, and files that are in no folder of their own. */
function graphsOf(imports: Iterable<readonly [file: string, imported: string]>): Map<string, Graph> {
  const graphs = new Map<string, Graph>()
  for (const [file, imported] of imports) {
    const [from, to] = [file.split('/'), imported.split('/')]
    const depth = from.findIndex((part, index) => part !== to[index])
    const [parent, child, sibling] = [from.slice(0, depth).join('/'), from[depth], to[depth]]
    if (child === undefined || sibling === undefined) continue
    const graph = graphs.get(parent) ?? new Map()
    const edges = graph.get(child) ?? new Map()
    graphs.set(parent, graph.set(child, edges))
    if (!edges.has(sibling)) edges.set(sibling, `${file} → ${imported}`)
  }
  return graphs
}

/** Returns a shortest cycle through a child, in a list so that none is an empty one: the imports that it consists of. */
function cycleThrough(start: string, graph: Graph): string[][] {
  const paths = [{ child: start, path: [] as string[] }]
  const seen = new Set<string>()
  for (const { child, path } of paths) {
    for (const [sibling, example] of graph.get(child) ?? []) {
      const next = [...path, `${child} imports ${sibling}: ${example}`]
      if (sibling === start) return [next]
      if (!seen.has(sibling)) paths.push({ child: sibling, path: next })
      seen.add(sibling)
    }
  }
  return []
}

/** Returns the cycles that a folder is part of. Cycles of files alone are the linter's. */
function folderCycles(graphs: Map<string, Graph>): string[][] {
  return [...graphs.values()].flatMap(graph =>
    [...graph.keys()].filter(child => !child.endsWith('.ts')).flatMap(folder => cycleThrough(folder, graph)),
  )
}

describe('folderCycles', () => {
  it.each([
    ['two folders that import each other', ['a/x.ts b/y.ts', 'b/z.ts a/w.ts'], 2],
    ['a folder and a file beside it', ['r/a/x.ts r/y.ts', 'r/y.ts r/a/z.ts'], 1],
    ['folders deep inside others', ['r/a/x.ts r/b/y.ts', 'r/b/y.ts r/c/z.ts', 'r/c/z.ts r/a/x.ts'], 3],
    ['folders that import in one direction', ['a/x.ts b/y.ts', 'a/z.ts b/w.ts'], 0],
    ['files of one folder', ['a/x.ts a/y.ts', 'a/y.ts a/x.ts'], 0],
  ])('finds the cycles of %s', (_name, imports, count) => {
    const graphs = graphsOf(imports.map(pair => pair.split(' ') as [string, string]))
    expect(folderCycles(graphs)).toHaveLength(count)
  })

  it('names each import of a cycle and a file that has it', () => {
    const graphs = graphsOf([
      ['a/x.ts', 'b/y.ts'],
      ['b/z.ts', 'a/w.ts'],
    ])
    expect(folderCycles(graphs)[0]).toEqual(['a imports b: a/x.ts → b/y.ts', 'b imports a: b/z.ts → a/w.ts'])
  })
})

describe('the folders of the product', () => {
  const graphs = graphsOf(roots.flatMap(root => [...importsIn(root)]))

  it.each(roots)('have an order within %s, in which each imports only what stands before it', root => {
    const within = [...graphs].filter(([parent]) => parent === root || parent.startsWith(`${root}/`))
    expect(within).not.toHaveLength(0)
    expect(folderCycles(new Map(within))).toEqual([])
  })

  it('have an order at the top', () => {
    expect(folderCycles(new Map([['', graphs.get('')!]]))).toEqual([])
  })
})
