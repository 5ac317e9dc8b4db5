import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { RunComparison } from '../../../harness/comparison/comparison.ts'
import { schemaErrors } from '../../support/published-schema.ts'
import { storedRun, writeRun, writeRuns } from '../../support/stored-runs.ts'
import { scratchFolder } from './loadcell.ts'
import { loadcell } from './warm-loadcell.ts'

const medians = { '/orders': 10, '/products': 5 }
const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ')

describe('loadcell compare', () => {
  it('says what got slower, by how much and how sure that is, and exits with 99', async () => {
    const folder = scratchFolder()
    const base = writeRuns(folder, 'base', 5, { medians })
    const other = writeRuns(folder, 'new', 5, { medians: { ...medians, '/orders': 12 } })
    const { code, output } = await loadcell(['compare', ...base, '--with', ...other])
    expect(output).toMatch(
      /✗ http_req_duration\{method:GET,name:\/orders\} p\(50\)\n.*\+2\d\.\d %\n +slower by 2\d\.\d % \(\+[12]\d\.\d % to \+[23]\d\.\d %\)/,
    )
    expect(output).toMatch(
      /= http_req_duration\{method:GET,name:\/products\} p\(50\)\n.*\n +no difference larger than [1-4]\.\d+ %/,
    )
    expect(oneLine(output)).toContain('(Benjamini–Hochberg)')
    expect(code).toBe(99)
  })

  it('exits with 0 if nothing got worse, and tells what it cannot tell', async () => {
    const folder = scratchFolder()
    const base = writeRuns(folder, 'base', 3, { medians, deviation: 0.2 })
    const other = writeRuns(folder, 'new', 3, { medians, deviation: 0.2 })
    const { code, output } = await loadcell(['compare', ...base, '--with', ...other])
    expect(oneLine(output)).toMatch(
      /p\(50\) \S+ ms → .* cannot tell: these runs show differences from \S+ % on; (about \d+|hundreds of) more rounds needed/,
    )
    expect(code).toBe(0)
  })

  it('takes folders, and prints Markdown and JSON', async () => {
    const folder = scratchFolder()
    const base = writeRuns(folder, 'base', 3, { medians }).map(path => join(path, '..'))
    const other = writeRuns(folder, 'new', 3, { medians: { '/orders': 20, '/products': 5 } })
    const [markdown, json] = await Promise.all([
      loadcell(['compare', ...base, '--with', ...other, '--markdown']),
      loadcell(['compare', ...base, '--with', ...other, '--json', '--tolerance', '12%', '--seed', '4']),
    ])
    expect(markdown.output).toMatch(
      /^\| `http_req_duration\{method:GET,name:\/orders\} p\(50\)` \| .* \| ✗ slower by /m,
    )
    const document = JSON.parse(json.output) as RunComparison
    const { format, tolerance, rows } = document
    expect(schemaErrors('comparison-1.json', document)).toEqual([])
    expect({ format, tolerance }).toEqual({ format: 'loadcell.comparison/1', tolerance: 0.12 })
    const slower = rows.find(({ statistic }) => statistic.includes('/orders') && statistic.endsWith('p(50)'))
    expect(slower?.state).toBe('worse')
    expect(slower?.verdict.change).toBeCloseTo(1, 0)
    expect([markdown.code, json.code]).toEqual([99, 99])
  })

  it('writes a page with both sides laid over each other, beside Markdown', async () => {
    const folder = scratchFolder()
    const base = writeRuns(folder, 'base', 3, { medians, seconds: 10 })
    const other = writeRuns(folder, 'new', 3, { medians: { '/orders': 20, '/products': 5 }, seconds: 10 })
    const html = join(folder, 'comparison.html')
    const { code, output } = await loadcell(['compare', ...base, '--with', ...other, '--markdown', '--html', html])
    expect(output).toMatch(/^### checkout: 3 base runs and 3 new runs\n/)
    expect(output).not.toContain('The page')
    const page = readFileSync(html, 'utf8')
    expect(page).toContain('<h1>WORSE</h1>')
    expect(page).toContain('"label":"new, highest"')
    expect(code).toBe(99)
  })

  it('overwrites no file with its page, and leaves none if the runs cannot be compared', async () => {
    const folder = scratchFolder()
    const base = writeRuns(folder, 'base', 2)
    const html = join(folder, 'mine.html')
    writeFileSync(html, 'mine')
    const taken = await loadcell(['compare', ...base, '--with', ...base, '--html', html])
    expect(taken.output).toMatch(/mine\.html exists already, and nothing is overwritten/)
    expect(readFileSync(html, 'utf8')).toBe('mine')
    const other = join(folder, 'other.html')
    const twice = await loadcell(['compare', ...base, '--with', ...base, '--html', other])
    expect(twice.output).toMatch(/are the same run/)
    expect([taken.code, twice.code, existsSync(other)]).toEqual([104, 104, false])
  })

  it('refuses runs under different conditions and names them, and compares them with --force', async () => {
    const folder = scratchFolder()
    const base = writeRuns(folder, 'base', 3)
    const { run, environment, ...rest } = storedRun({ id: 'foreign' })
    const foreign = writeRun(join(folder, 'foreign/result.json'), {
      ...rest,
      run: { ...run, scenario: 'shop', targetSettings: { 'auth.tokenTtl': '2s' } },
      environment: { ...environment, cpuModel: 'Apple M4', node: 'v26.0.0' },
      outcome: { state: 'interrupted', detail: 'Stopped by SIGINT.' },
    })
    const refused = await loadcell(['compare', ...base, '--with', foreign])
    expect(refused.code).toBe(104)
    for (const reason of [
      /the scenario differs: checkout in .*base-1\/result\.json and 2 more; shop in .*foreign/,
      /the target settings differ: none in .*; auth\.tokenTtl=2s in/,
      /the machine differs: AMD EPYC 7B13, 2 CPUs, linux x64 in .*; Apple M4/,
      /the Node differs: v24\.21\.0 in .*; v26\.0\.0 in/,
      /foreign\/result\.json: it is not a complete run \(interrupted\)/,
      /compare them all the same with --force/,
    ])
      expect(refused.output).toMatch(reason)
    const forced = await loadcell(['compare', ...base, '--with', foreign, '--force'])
    expect(oneLine(forced.output)).toContain('! the scenario differs: checkout in')
    expect([0, 99]).toContain(forced.code)
  })

  it('names statistics that one side lacks', async () => {
    const folder = scratchFolder()
    const base = writeRuns(folder, 'base', 2, { medians })
    const other = writeRuns(folder, 'new', 2, { medians: { '/products': 5, '/carts': 3 } })
    const { output } = await loadcell(['compare', ...base, '--with', ...other])
    expect(oneLine(output)).toContain(
      'not compared: http_req_duration{method:GET,name:/orders} p(50) (in 2 of 2 base and 0 of 2 new runs)',
    )
  })

  it.each<[string, (folder: string, base: string[]) => string[], RegExp]>([
    ['a missing file', folder => [join(folder, 'none/result.json')], /there is no file .*none\/result\.json/],
    ['an empty file', folder => [writeRun(join(folder, 'e.json'), '')], /e\.json is empty: expected the result\.json/],
    [
      'a part of a file',
      folder => [writeRun(join(folder, 'p.json'), JSON.stringify(storedRun({ id: 'p' })).slice(0, 500))],
      /p\.json is not JSON, or only a part of it/,
    ],
    [
      'a foreign file',
      folder => [writeRun(join(folder, 'f.json'), { metrics: {} })],
      /f\.json is not the result of a Loadcell run: expected "format": "loadcell\.run\/1", got nothing/,
    ],
    [
      'a newer version',
      folder => [writeRun(join(folder, 'n.json'), { ...storedRun({ id: 'n' }), format: 'loadcell.run/2' })],
      /n\.json has the format loadcell\.run\/2, and this version of Loadcell reads loadcell\.run\/1/,
    ],
    ['the same run twice', (_folder, base) => [base[0]!], /are the same run \(base-1\)[^]*Give each run once/],
  ])('rejects %s with 104', async (_what, paths, message) => {
    const folder = scratchFolder()
    const base = writeRuns(folder, 'base', 3)
    const { code, output } = await loadcell(['compare', ...base, '--with', ...paths(folder, base)])
    expect(output).toMatch(message)
    expect(code).toBe(104)
  })

  it('does not pass a side that measured nothing', async () => {
    const folder = scratchFolder()
    const base = writeRuns(folder, 'base', 2)
    const idle = ['a', 'b'].map(id => writeRun(join(folder, id, 'result.json'), { ...storedRun({ id }), series: [] }))
    const { code, output } = await loadcell(['compare', ...base, '--with', ...idle])
    expect(output).toContain('Nothing can be compared: no statistic is in every run.')
    expect(output).toContain('not compared: http_req_duration p(50) (in 2 of 2 base and 0 of 2 new runs)')
    expect(code).toBe(104)
  })

  it('rejects one run of each side, which say nothing about noise', async () => {
    const folder = scratchFolder()
    const [base, other] = [writeRuns(folder, 'base', 1), writeRuns(folder, 'new', 1)]
    const { code, output } = await loadcell(['compare', ...base, '--with', ...other])
    expect(output).toMatch(/cannot tell a difference from noise: expected at least 3 runs in all/)
    expect(code).toBe(104)
  })
})
