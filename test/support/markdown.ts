import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'

export const root = resolve(import.meta.dirname, '../..')

/** A fenced block of a document. */
export interface Block {
  /** From the root of the repository. */
  document: string
  /** Number of its first line, from 1. */
  line: number
  /** Its language. Shell, TypeScript, JavaScript, YAML and JSON are tested as they stand; `text` is a picture, or output. */
  language: string
  text: string
  /** Name of the file with this text, if its first line is a comment that gives one. */
  fileName: string | undefined
}

/** Every document that users and contributors read. */
export const documents = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(resolve(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.md'))
    .map(file => `docs/${file}`),
]

export const blocks: readonly Block[] = documents.flatMap(document => {
  const text = readFileSync(resolve(root, document), 'utf8')
  return [...text.matchAll(/^( *)```(.*)\n([^]*?)^ *```$/gm)].map(
    ({ index, 1: indent = '', 2: language = '', 3: inside = '' }) => ({
      document,
      line: text.slice(0, index).split('\n').length + 1,
      language,
      text: inside.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
      fileName: /^(?:\/\/|#) (\S+\.\w+)\n/.exec(inside)?.[1],
    }),
  )
})

export const blocksIn = (language: string): [string, Block][] =>
  blocks.filter(block => block.language === language).map(block => [`${block.document}:${block.line}`, block])

/** A part of a document under one heading, of any level, without its subsections. */
export interface Section {
  title: string
  text: string
}

export function sections(document: string): Section[] {
  const text = readFileSync(resolve(root, document), 'utf8').replaceAll(/^ *```[^]*?^ *```$/gm, '')
  return text.split(/^#+ /m).map(part => {
    const [title = '', ...lines] = part.split('\n')
    return { title, text: lines.join('\n') }
  })
}

/** Returns the tables of a text as rows of cells, the header first. Backticks around a cell are taken off. */
export function tablesIn(text: string): string[][][] {
  return [...text.matchAll(/(?:^\|.*\n?)+/gm)].map(([table]) =>
    table
      .trim()
      .split('\n')
      .filter(row => !/^\| -+:? \|/.test(row))
      .map(row =>
        row
          .split(/(?<!\\)\|/)
          .slice(1, -1)
          .map(cell => cell.trim().replace(/^`([^`]*)`$/, '$1')),
      ),
  )
}

const WHOLE_LOAD = `load: { executor: 'constant-vus', vus: 1, duration: '1m' },
  users: [user('reader', { iterate: ({ http }) => http.get('/healthz') })],`

/**
 * A TypeScript block as a module. In a scenario, a line `…` stands for the load and the users that are of no matter there; a
 * block that exports nothing is what a user does with the context it is given.
 */
export function moduleOf({ text }: Block): string {
  if (/^export default /m.test(text)) {
    const isPart = /^ *…$/m.test(text)
    return `${isPart ? "import { scenario, user } from 'loadcell'\n" : ''}${text.replace(/^ *…$/m, WHOLE_LOAD)}`
  }
  const imports = [...text.matchAll(/^import .*$/gm)].map(([line]) => line)
  return `import { scenario, user } from 'loadcell'
${imports.join('\n')}
export default scenario({
  load: { executor: 'per-vu-iterations', vus: 1, iterations: 1, maxDuration: '2s' },
  users: [user('reader', { async iterate({ http, sse, ws, auth, cookies, jobs, llm, fake, check, random, sleep, vu }) {
${text.replaceAll(/^import .*$/gm, '')}
  } })],
})
`
}
