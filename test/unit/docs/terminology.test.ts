import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root, sections, tablesIn } from '../../support/markdown.ts'

const page = 'docs/terminology.md'
const thisFile = 'test/unit/docs/terminology.test.ts'

function filesOf(...paths: string[]): string[] {
  return execFileSync('git', ['ls-files', ...paths], { cwd: root, encoding: 'utf8' })
    .split('\n')
    .filter(file => /\.(?:ts|js|md)$/.test(file) && existsSync(join(root, file)))
}

const read = (file: string) => readFileSync(join(root, file), 'utf8')

/** Splits names into words, and joins comments into lines, so that a phrase is found wherever it stands. */
function prose(text: string): string {
  return text
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .replaceAll(/\n[ \t]*(?:\*|\/\/)?[ \t]*/g, ' ')
    .toLowerCase()
}

const product = filesOf(
  'core',
  'contract',
  'pages',
  'target',
  'harness',
  'calibration',
  'labs',
  'cli',
  'scenarios',
  'bench',
)
const documents = filesOf('docs', 'README.md', 'CONTRIBUTING.md').filter(file => file !== page)
const texts = [...product, ...documents].map(file => ({ file, text: prose(read(file)) }))

const section = sections(page).find(({ title }) => title === 'Words that are not used')
const unused = tablesIn(section?.text ?? '').flatMap(([, ...rows]) =>
  rows.flatMap(([words = '']) => words.split(', ').map(word => word.trim())),
)

describe('the terminology', () => {
  it('names words that are not used', () => {
    expect(unused).not.toEqual([])
  })

  it.each(unused)('keeps "%s" out of code and documents', word => {
    const found = new RegExp(`\\b${word}\\b`)
    expect(texts.filter(({ text }) => found.test(text)).map(({ file }) => file)).toEqual([])
  })
})

describe('a doc comment', () => {
  it.each(['Of', 'What', 'Who', 'Whoever'])('does not begin with "%s"', word => {
    const beginning = new RegExp(`/\\*\\*\\s+(?:\\*\\s+)?${word}\\s`)
    const files = [...product, ...filesOf('test').filter(file => file !== thisFile)]
    expect(files.filter(file => beginning.test(read(file)))).toEqual([])
  })
})
