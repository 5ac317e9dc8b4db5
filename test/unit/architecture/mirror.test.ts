import { describe, expect, it } from 'vitest'
import { filesIn, importsIn } from '../../support/imports.ts'

const product = ['core', 'contract', 'pages', 'target', 'harness', 'calibration', 'labs', 'cli', 'bench'].flatMap(
  filesIn,
)

/** Folders of tests that read the whole repository instead of running one part of it. */
const ofTheWhole = ['architecture', 'docs']

/** Returns whether a path without `.ts` is a file of the product, or a folder with files of it. */
const isProduct = (path: string, files: readonly string[]) =>
  files.some(file => file === `${path}.ts` || file.startsWith(`${path}/`))

/** Returns what is wrong with the place of a test, in a list so that none is an empty one. */
function placeErrors(test: string, imported: readonly string[], files: readonly string[]): string[] {
  const path = test.replace(/^test\/unit\//, '').replace(/\.test\.ts$/, '')
  if (ofTheWhole.some(folder => path.startsWith(`${folder}/`)) || isProduct(path, files)) return []
  const places = imported
    .filter(file => files.includes(file))
    .map(file => `test/unit/${file.replace(/\.ts$/, '.test.ts')}`)
  return [
    `${test} mirrors neither ${path}.ts nor a folder ${path}/. Move it to the path of the file that it tests, or of the ` +
      `folder if it tests several files of one, or split it. By its imports: ${places.join(', ') || 'none of the product'}`,
  ]
}

describe('placeErrors', () => {
  const files = ['target/streams/poll.ts', 'core/ring.ts']

  it.each(['target/streams/poll', 'target/streams', 'core/ring', 'docs/tables'])('accepts a test at %s', path => {
    expect(placeErrors(`test/unit/${path}.test.ts`, [], files)).toEqual([])
  })

  it.each(['target/streams/polling', 'target/stream', 'streams/poll', 'tables'])('rejects a test at %s', path => {
    expect(placeErrors(`test/unit/${path}.test.ts`, [], files)).toHaveLength(1)
  })

  it('says where a test should go', () => {
    const imported = ['test/support/stream-client.ts', 'target/streams/poll.ts', 'core/ring.ts']
    expect(placeErrors('test/unit/polling.test.ts', imported, files)).toEqual([
      expect.stringMatching(/: test\/unit\/target\/streams\/poll\.test\.ts, test\/unit\/core\/ring\.test\.ts$/),
    ])
  })
})

describe('the unit tests', () => {
  const imports = [...importsIn('test/unit')]

  it('have the path of the file or folder that they test', () => {
    const tests = filesIn('test/unit').filter(file => file.endsWith('.test.ts'))
    expect(tests).not.toHaveLength(0)
    const importsOf = (test: string) => imports.filter(([file]) => file === test).map(([, imported]) => imported)
    expect(tests.flatMap(test => placeErrors(test, importsOf(test), product))).toEqual([])
  })
})
