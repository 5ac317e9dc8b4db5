import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadcell, scratchFolder } from './loadcell.ts'

let server: Server
let url: string

beforeAll(async () => {
  server = createServer((_, response) => response.end('ok'))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => server.close())

const esm = `import { scenario, user } from 'loadcell'
export default scenario({
  load: { executor: 'per-vu-iterations', vus: 1, iterations: 2 },
  users: [user('reader', { iterate: ({ http }) => http.get('/x') })],
  thresholds: { http_reqs: ['count==2'] },
})`
const commonjs = esm.replace(
  "import { scenario, user } from 'loadcell'",
  "const { scenario, user } = require('loadcell')",
)

/** Creates a folder with these files, by path. */
function folderOf(files: Record<string, string>, name = 'scenario'): string {
  const folder = join(scratchFolder(), name)
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
  return folder
}

const run = (folder: string, file: string) =>
  loadcell(['run', join(folder, file), '--target', url, '--warmup', '0', '--quiet'])

const typeless = '{ "name": "x" }'
const typed = (type: string) => `{ "name": "x", "type": "${type}" }`

describe('a scenario is loaded according to its syntax', () => {
  it.each<[string, string, Record<string, string>]>([
    ['TypeScript, type commonjs', 'shop.ts', { 'package.json': typed('commonjs'), 'shop.ts': esm }],
    ['JavaScript, type commonjs', 'shop.js', { 'package.json': typed('commonjs'), 'shop.js': esm }],
    ['.cts with imports, type module', 'shop.cts', { 'package.json': typed('module'), 'shop.cts': esm }],
    ['.mts, type commonjs', 'shop.mts', { 'package.json': typed('commonjs'), 'shop.mts': esm }],
    ['no type', 'shop.js', { 'package.json': typeless, 'shop.js': esm }],
    ['no package.json', 'shop.ts', { 'shop.ts': esm }],
    [
      'CommonJS that requires loadcell',
      'shop.cjs',
      { 'package.json': typed('module'), 'shop.cjs': commonjs.replace('export default', 'module.exports =') },
    ],
    [
      'compiled from an ES module',
      'shop.js',
      {
        'package.json': typed('commonjs'),
        'shop.js': `exports.__esModule = true\n${commonjs.replace('export default', 'exports.default =')}`,
      },
    ],
    [
      'modules of its own, of all kinds',
      'shop.ts',
      {
        'package.json': typed('commonjs'),
        'shop.ts': `import { path } from './lib/paths.js'\nimport old from './lib/old.cjs'\nimport { n } from './lib/n.ts'\n${esm}\nif (path + old.tail + n !== '/x1') throw new Error('wrong')`,
        'lib/paths.js': "export * from './more.js'",
        'lib/more.js': "export const path = '/'",
        'lib/old.cjs': "module.exports = { tail: 'x' } // import { a } from 'b'",
        'lib/n.ts': 'export const n: number = 1',
      },
    ],
    [
      'another loadcell installed beside it',
      'shop.ts',
      {
        'package.json': typed('commonjs'),
        'shop.ts': `import { helper } from 'helpers'\n${esm}\nif (helper !== scenario) throw new Error('two of them')`,
        'node_modules/loadcell/package.json': '{ "name": "loadcell", "version": "0.0.1", "main": "index.js" }',
        'node_modules/loadcell/index.js': "throw new Error('the wrong one')",
        'node_modules/helpers/package.json': '{ "name": "helpers", "type": "module", "exports": "./index.js" }',
        'node_modules/helpers/index.js': "import { scenario } from 'loadcell'\nexport const helper = scenario",
      },
    ],
  ])('%s', async (_, file, files) => {
    const { code, output } = await run(folderOf(files), file)
    expect(output).toMatch(/✓ http_reqs count==2/)
    expect(output).not.toMatch(/Warning/)
    expect([0, 98]).toContain(code)
  })

  it('from a folder whose name has to be escaped in a URL', async () => {
    const folder = folderOf({ 'my shop.ts': esm }, 'a b #1 100% (ü) [x]+')
    expect((await run(folder, 'my shop.ts')).output).toMatch(/✓ http_reqs count==2/)
  })
})

describe('an error while loading a scenario names the file and the line', () => {
  it.each<[string, string, Record<string, string>, RegExp]>([
    [
      'a syntax error in JavaScript',
      'shop.js',
      { 'shop.js': 'export const a = 1\n\nexport default {,}' },
      /\(shop\.js:3\)/,
    ],
    [
      'a syntax error in TypeScript',
      'shop.ts',
      { 'shop.ts': 'export const a = 1\nexport default {,}' },
      /\(shop\.ts:2\)/,
    ],
    ['a name twice', 'shop.ts', { 'shop.ts': 'const a = 1\nconst a: number = 2\nexport default a' }, /\(shop\.ts:2\)/],
    [
      'a syntax error in a module of its own',
      'shop.ts',
      { 'package.json': typed('commonjs'), 'shop.ts': `import './lib.js'\n${esm}`, 'lib.js': '\n\nexport const = 1' },
      /\(lib\.js:3\)/,
    ],
    [
      'an exception',
      'a(b)+.ts',
      { 'a(b)+.ts': '\nconst a: any = undefined\nexport default a.b' },
      /\(a\(b\)\+\.ts:3\)/,
    ],
    [
      'a promise of a scenario',
      'shop.ts',
      { 'shop.ts': 'export default Promise.resolve({})' },
      /shop\.ts is a promise\n +Write `export default await …`/,
    ],
    ['nothing exported', 'shop.cjs', { 'shop.cjs': 'const a = 1' }, /shop\.cjs has no default export/],
    [
      'a default export that is none',
      'shop.ts',
      { 'shop.ts': 'export default 5' },
      /shop\.ts cannot be run:\s+expected an object, got 5/,
    ],
    [
      'an await that never ends',
      'shop.ts',
      { 'shop.ts': `await new Promise(() => {})\n${esm}` },
      /`await` at its top level never ends/,
    ],
    ['a folder', 'lib.ts', { 'lib.ts/shop.ts': esm }, /lib\.ts is not a file/],
    [
      'an error with something left behind',
      'shop.ts',
      { 'shop.ts': 'setInterval(() => {}, 1000)\nexport default { load: 1 }' },
      /shop\.ts cannot be run/,
    ],
  ])('%s', async (_, file, files, told) => {
    const { code, output } = await run(folderOf(files), file)
    expect(output).toMatch(told)
    expect(output).not.toMatch(/internal error|Warning|^\s+at /m)
    expect(code).toBe(104)
  })
})

it('an older Node gets a message with the required version instead of a syntax error', async () => {
  // Pretends to be an older Node by changing the only place that states the version.
  const old = join(mkdtempSync(join(scratchFolder(), 'old-')), 'old.mjs')
  writeFileSync(old, "Object.defineProperty(process.versions, 'node', { value: '20.20.2' })")
  const main = resolve(import.meta.dirname, '../../../cli/main.js')
  const { code, stderr } = await new Promise<{ code: unknown; stderr: string }>(done =>
    execFile(process.execPath, ['--import', old, main, 'run', 'x'], (error, _, stderr) =>
      done({ code: error?.code, stderr }),
    ),
  )
  expect(stderr).toMatch(/needs Node 24\.12 or newer, and this is Node 20\.20\.2/)
  expect(stderr).not.toMatch(/SyntaxError|^\s+at /m)
  expect(code).toBe(104)
})
