import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { openApiDocument } from '../../../target/openapi/document.ts'
import { root } from '../../support/markdown.ts'
import { har } from '../../support/recordings/har.ts'
import { clientsFlag, testTarget } from '../target/support.ts'
import { readResult, scratchFolder, startLoadcell } from './loadcell.ts'
import { loadcell } from './warm-loadcell.ts'

const execute = promisify(execFile)

/** Puts the package beside the files of a folder, as `npm install` does, with its sources in place of its types. */
function install(folder: string): void {
  const place = join(folder, 'node_modules/loadcell')
  mkdirSync(place, { recursive: true })
  writeFileSync(
    join(place, 'package.json'),
    JSON.stringify({ name: 'loadcell', version: '0.1.0', type: 'module', exports: { '.': './core.ts' } }),
  )
  writeFileSync(join(place, 'core.ts'), "export * from './source/harness/scenario.ts'\n")
  symlinkSync(root, join(place, 'source'))
}

/** Checks the types of a folder with the settings that were written into it. */
async function typeErrors(folder: string): Promise<string> {
  try {
    await execute(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '--noEmit', '-p', folder])
    return ''
  } catch (error) {
    // The sources need types of Node, and the types of a package do not.
    const lines = (error as { stdout: string }).stdout.split('\n')
    return lines.filter(line => line !== '' && !line.includes('node_modules/loadcell')).join('\n')
  }
}

const yaml = `
openapi: 3.0.3
info: { title: Pets, version: '1' }
servers: [{ url: 'https://pets.example.com/v1' }]
paths:
  /pets:
    get: { tags: [pets], responses: { 200: { description: ok, content: { application/json: { schema: { type: array, items: { $ref: '#/components/schemas/Pet' } } } } } } }
    post:
      tags: [pets]
      requestBody: { content: { application/json: { schema: { $ref: '#/components/schemas/Pet' } } } }
      responses: { 201: { description: made, content: { application/json: { schema: { $ref: '#/components/schemas/Pet' } } } } }
  /pets/{petId}:
    parameters: [{ name: petId, in: path, required: true, schema: { type: integer } }]
    get: { tags: [pets], responses: { 200: { description: ok, content: { application/json: { schema: { $ref: '#/components/schemas/Pet' } } } } } }
  /owners:
    get: { tags: [owners], responses: { 200: { description: ok } } }
components:
  schemas:
    Pet: { type: object, required: [id, name], properties: { id: { type: integer }, name: { type: string }, parent: { $ref: '#/components/schemas/Pet' } } }
`

describe('loadcell init', () => {
  it('writes a first scenario that runs, tsconfig.json and package.json', async () => {
    const folder = scratchFolder()
    const { code, output } = await loadcell(['init', 'load'], { cwd: folder })
    expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining('cd load && npm install') as string })
    const written = join(folder, 'load')
    expect(readdirSync(written).toSorted()).toEqual(['package.json', 'scenario.ts', 'tsconfig.json'])
    expect(JSON.parse(readFileSync(join(written, 'package.json'), 'utf8'))).toMatchObject({
      name: 'load',
      scripts: { load: 'loadcell run scenario.ts', types: 'tsc --noEmit' },
    })
    await loadcell(['run', 'scenario.ts', '--duration', '2s', '--warmup', '0', '--quiet', '--out', 'out'], {
      cwd: written,
    })
    const { outcome, checks } = readResult(join(written, 'out'))
    expect(outcome.state).toBe('completed')
    expect(Object.fromEntries(checks.map(({ name, fails }) => [name, fails]))).toEqual({
      'list has products': 0,
      'order has a total': 0,
      'order is accepted': 0,
      'product is the one asked for': 0,
    })
  })

  it('overwrites no file, writes none beside one that exists, and says what to do', async () => {
    const folder = scratchFolder()
    writeFileSync(join(folder, 'scenario.ts'), 'mine')
    const { code, output } = await loadcell(['init'], { cwd: folder })
    expect(output).toMatch(/scenario\.ts exists already, and nothing was written\n.*--file/)
    expect({ code, files: readdirSync(folder) }).toEqual({ code: 104, files: ['scenario.ts'] })
    const other = await loadcell(['init', '--file', 'other'], { cwd: folder })
    expect(other.code).toBe(0)
    expect(readFileSync(join(folder, 'scenario.ts'), 'utf8')).toBe('mine')
    expect(existsSync(join(folder, 'other.ts'))).toBe(true)
  })

  it('leaves package.json and tsconfig.json as they are, and shows the command that adds scripts', async () => {
    const folder = scratchFolder()
    writeFileSync(join(folder, 'package.json'), '{"name":"mine"}')
    writeFileSync(join(folder, 'tsconfig.json'), '{}')
    install(folder)
    const { code, output } = await loadcell(['init', 'load'], { cwd: folder })
    expect(code).toBe(0)
    expect(output).toContain(
      'npm pkg set "scripts.load=loadcell run load/scenario.ts" "scripts.types=tsc --noEmit --project load"',
    )
    expect(existsSync(join(folder, 'load/package.json'))).toBe(false)
    await loadcell(['init', '--file', 'second.ts'], { cwd: folder })
    expect([
      readFileSync(join(folder, 'package.json'), 'utf8'),
      readFileSync(join(folder, 'tsconfig.json'), 'utf8'),
    ]).toEqual(['{"name":"mine"}', '{}'])
  })

  it('writes a scenario from a document of the reference target, which answers as documented', async () => {
    const scopes = ['events.write', 'streams.read', 'reports.read', 'reports.write', 'profile']
    const clients = clientsFlag({ everything: scopes, 'producer-service': ['events.write'] })
    const target = await testTarget({ ...clients, 'feed.orders': '5' })
    const folder = scratchFolder()
    writeFileSync(join(folder, 'target.json'), await (await fetch(`${target.url}/openapi.json`)).text())
    const { code, output } = await loadcell(['init', '--from', 'target.json'], { cwd: folder })
    expect(code, output).toBe(0)
    expect(output).toMatch(/Wrote 3\d of 4\d operations of Loadcell target/)
    const variables = [...output.matchAll(/export (\w+)=/g)].map(([, name]) => name!)
    const missing = await loadcell(['run', 'target.ts', '--target', target.url, '--out', 'none'], { cwd: folder })
    expect(missing.output).toMatch(new RegExp(`environment variable ${variables[0]!} is not set`))
    expect(missing.code).toBe(104)

    const values: Record<string, string> = {
      ID: 'everything',
      SECRET: 'one',
      EMAIL: 'qa.user1@example.com',
      PASSWORD: 'TestPass123!',
      TOKEN: 'none',
    }
    const env = Object.fromEntries(variables.map(name => [name, values[name.split('_').at(-1)!] ?? 'none']))
    // In a process of its own, because the other one has loaded the scenario without its variables.
    const run = await startLoadcell(
      [
        'run',
        'target.ts',
        '--target',
        target.url,
        '--vus',
        '60',
        '--duration',
        '5s',
        '--warmup',
        '0',
        '--quiet',
        '--out',
        'out',
      ],
      { cwd: folder, env },
    ).finished
    const { checks, outcome } = readResult(join(folder, 'out'))
    expect(outcome.state, run.output).toBe('completed')
    const statuses = checks.filter(({ name }) => name.includes(': status is'))
    const wrong = statuses.filter(({ fails }) => fails > 0).map(({ name }) => name)
    // A client has no profile, and a report takes longer than the next request.
    expect(wrong.filter(name => !/users\/me|user\/orders|\/reports\/\{job_id\}/.test(name))).toEqual([])
    expect(statuses.length).toBeGreaterThan(20)
    const bodies = checks.filter(({ name, fails }) => name.includes(': body') && fails > 0).map(({ name }) => name)
    expect(bodies.filter(name => !/users\/me|user\/orders|\/reports\/\{job_id\}/.test(name))).toEqual([])
  })

  it('writes scenarios that pass the type check: a first one, from YAML, and from a recording', async () => {
    const folder = scratchFolder()
    // The default of npm, which makes files without an extension of their own CommonJS.
    writeFileSync(join(folder, 'package.json'), '{"type":"commonjs"}')
    writeFileSync(join(folder, 'pets.yaml'), yaml)
    writeFileSync(
      join(folder, 'visit.har'),
      har([
        {
          url: 'http://127.0.0.1:8080/auth/login',
          json: { email: 'a@b.cd', password: 'planted' },
          response: { access_token: 'planted-token-1234', id: 4 },
        },
        {
          url: 'http://127.0.0.1:8080/orders',
          at: 2,
          headers: { Authorization: 'Bearer planted-token-1234' },
          json: { product_id: 1 },
          status: 201,
          response: { id: 5017 },
        },
        {
          url: 'http://127.0.0.1:8080/orders/5017',
          at: 4,
          headers: { Authorization: 'Bearer planted-token-1234' },
          response: { id: 5017 },
        },
      ]),
    )
    const pets = await loadcell(['init', '--from', 'pets.yaml', '--tag', 'Pets'], { cwd: folder })
    expect(pets.output).toContain('Wrote 3 of 3 operations of Pets 1')
    expect(pets.output).toContain('npx loadcell run pets.ts --target http://127.0.0.1:8080/v1')
    const visit = await loadcell(['init', '--from', 'visit.har'], { cwd: folder })
    expect(visit.output).toContain('Wrote 3 of 3 requests of a recording of 127.0.0.1:8080')
    const text = readFileSync(join(folder, 'visit.ts'), 'utf8')
    expect(text).toContain("await sleep('1.9s')")
    expect(text + visit.output).not.toContain('planted')
    writeFileSync(join(folder, 'openapi.json'), JSON.stringify(openApiDocument('1')))
    await loadcell(['init', '--from', 'openapi.json', '--file', 'target'], { cwd: folder })
    await loadcell(['init'], { cwd: folder })
    install(folder)
    const written = readdirSync(folder).filter(name => name.endsWith('.ts'))
    // The target has so many operations that each tag has a file of its own.
    expect(written.filter(name => !/^target-[a-z0-9-]+\.ts$/.test(name))).toEqual([
      'pets.ts',
      'scenario.ts',
      'visit.ts',
    ])
    expect(written).toContain('target-catalog.ts')
    expect(await typeErrors(folder)).toBe('')
  })

  it.each<[string, string | number, string[], RegExp]>([
    ['Swagger 2.0', '{"swagger":"2.0","paths":{}}', [], /got Swagger 2\.0\n.*swagger2openapi/],
    ['JSON that ends too early', '{"openapi":"3.0.0","password":"planted', [], /not valid JSON.*ends too early/],
    ['a tag that no operation has', yaml, ['--tag', 'pet'], /no tag "pet"; did you mean "pets"\?\n.*pets, owners/],
    [
      'a pattern that fits nothing',
      yaml,
      ['--only', 'PUT /pets'],
      /no request fits "PUT \/pets"\n.*GET \/pets, POST \/pets/,
    ],
    ['an option of recordings', yaml, ['--static'], /--static are for recordings/],
    ['a file of more than the limit', 200 * 1024 * 1024, [], /has 200 MiB, and at most 128 are read/],
    ['a name that is no name', yaml, ['--file', '../x.ts'], /expected --file to be a name/],
  ])('refuses %s with code 104, and writes nothing', async (_name, content, flags, message) => {
    const folder = scratchFolder()
    writeFileSync(join(folder, 'source.json'), typeof content === 'string' ? content : '')
    if (typeof content === 'number') truncateSync(join(folder, 'source.json'), content)
    const { code, output } = await loadcell(['init', '--from', 'source.json', ...flags], { cwd: folder })
    expect(output).toMatch(message)
    expect(output).not.toContain('planted')
    expect({ code, files: readdirSync(folder) }).toEqual({ code: 104, files: ['source.json'] })
  })

  it('obeys no names of a document, and leaves no folder that it could not write to', async () => {
    const folder = scratchFolder()
    writeFileSync(join(folder, 'file'), '')
    writeFileSync(
      join(folder, 'evil.json'),
      JSON.stringify({
        openapi: '3.1.0',
        paths: { '/a\u001b[2J': { get: { responses: { 101: {} } } }, '/b': { get: {} } },
      }),
    )
    const evil = await loadcell(['init', '--from', 'evil.json'], { cwd: folder })
    expect({ code: evil.code, escapes: evil.output.includes('\u001b') }).toEqual({ code: 0, escapes: false })
    const blocked = await loadcell(['init', 'file/load'], { cwd: folder })
    expect(blocked.output).toMatch(/the folder .*file\/load cannot be written to/)
    expect(blocked.code).toBe(104)
  })

  it('refuses options that need a document or recording, and a document that is not there', async () => {
    const folder = scratchFolder()
    const [only, missing, url] = await Promise.all([
      loadcell(['init', '--only', 'GET /x'], { cwd: folder }),
      loadcell(['init', '--from', 'none.json'], { cwd: folder }),
      loadcell(['init', '--from', 'https://me:planted@127.0.0.1/openapi.json'], { cwd: folder }),
    ])
    expect(only.output).toContain('--only need --from')
    expect(missing.output).toMatch(/none\.json cannot be read: ENOENT/)
    expect(url.output).toMatch(/nothing is fetched from a URL\n.*curl/)
    expect(url.output).not.toContain('planted')
    expect([only.code, missing.code, url.code, readdirSync(folder)]).toEqual([104, 104, 104, []])
  })
})
