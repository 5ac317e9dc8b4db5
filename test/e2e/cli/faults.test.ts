import { writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { FaultsExplanation, FaultsReport } from '../../../contract/faults/report.ts'
import { testTarget } from '../target/support.ts'
import { scratchFolder } from './loadcell.ts'
import { loadcell } from './warm-loadcell.ts'

function file(name: string, text: string): string {
  const path = join(scratchFolder(), name)
  writeFileSync(path, text)
  return path
}

describe('loadcell faults', () => {
  it('applies presets, files and a timeline, reports what was injected, and clears', async () => {
    const target = await testTarget()
    const faults = (...args: string[]) => loadcell(['faults', ...args, '--url', target.url])
    const rules = file('rules.yaml', '- {id: gone, match: {path: /products/404}, fault: {type: status, status: 404}}\n')
    const timeline = file('timeline.yaml', 'phases: [{name: bad, duration: 1h, faults: [gc_pauses]}]\nloop: true\n')

    const applied = await faults('apply', 'slow_identity', rules, '--ttl', '1h')
    expect(applied).toMatchObject({
      code: 0,
      output: expect.stringMatching(/slow_identity\.slow .*(59m|1h)/) as string,
    })
    expect(await fetch(`${target.url}/products/404`).then(answer => answer.status)).toBe(404)
    const more = await faults('apply', timeline, 'flaky', '--add')
    expect(more.output).toMatch(/^gone +status +1 +1 +100 % +100 % /m)
    expect(more.output).toContain('flaky.error')
    expect(more.output).toContain('gc_pauses.pause (timeline)')
    expect(more.output).toMatch(/Timeline: bad 1h, and again; now bad \(phase 1 of 1\)/)

    const listed = JSON.parse((await faults('list', '--json')).output) as FaultsReport
    expect(listed.rules.map(({ rule, matched }) => [rule.id, matched])).toContainEqual(['gone', 1])
    expect(listed.presets).toEqual(['flaky', 'slow_identity'])
    const only = JSON.parse((await faults('apply', 'black_hole', '--json')).output) as FaultsReport
    expect(only.rules.filter(({ source }) => source === 'rules').map(({ rule }) => rule.id)).toEqual([
      'black_hole.hang',
    ])

    expect((await faults('clear')).output).toBe('No fault rules are on: the target is healthy.\n')
    expect(await (await fetch(`${target.url}/_loadcell/faults`)).json()).toEqual({
      rules: [],
      presets: [],
    })
  })

  it('ends applied faults after --ttl at the latest', async () => {
    const target = await testTarget()
    const rules = file(
      'ttls.yaml',
      ['long, ttl: 2h', 'brief, ttl: 1m', 'endless'].map(id => `- {id: ${id}, fault: {type: hang}}\n`).join(''),
    )
    const { output } = await loadcell(['faults', 'apply', rules, '--ttl', '1h', '--json', '--url', target.url])
    const { rules: reports } = JSON.parse(output) as FaultsReport
    expect(reports.map(({ rule }) => [rule.id, rule.ttl])).toEqual([
      ['long', '1h'],
      ['brief', '1m'],
      ['endless', '1h'],
    ])
  })

  it('names the active presets, however they were activated', async () => {
    const target = await testTarget()
    const faults = (...args: string[]) => loadcell(['faults', ...args, '--url', target.url])
    expect((await faults('apply', 'flaky', 'flaky', '--ttl', '1h')).output).toMatch(/^Presets: flaky\.$/m)
    expect((await faults('apply', 'brownout', '--add')).output).toMatch(/^Presets: brownout, flaky\.$/m)
    // Applying a preset again, with or without a ttl, replaces it.
    expect((await faults('apply', 'brownout', '--add', '--ttl', '2h')).output).toMatch(/^Presets: brownout, flaky\.$/m)
    const again = await faults('apply', 'flaky', '--add')
    expect(again.output).toMatch(/^Presets: flaky, brownout\.$/m)
    expect(again.output.match(/^flaky\.error/gm)).toHaveLength(1)
  })

  it('removes a rule or a preset, and keeps the others with their counts', async () => {
    const target = await testTarget()
    const faults = (...args: string[]) => loadcell(['faults', ...args, '--url', target.url])
    const rules = file('some.yaml', '- {id: gone, match: {path: /products/404}, fault: {type: status, status: 404}}\n')
    await faults('apply', 'brownout', 'flaky', rules, '--ttl', '1h')
    await faults('apply', 'garbled', '--add')
    await fetch(`${target.url}/products/404`)

    const one = await faults('clear', 'garbled.json')
    expect(one.output).toContain('garbled.type')
    expect(one.output).not.toContain('garbled.json')
    const some = await faults('clear', 'brownout', 'flaky.reset')
    expect(some.code).toBe(0)
    expect(some.output).toMatch(/^gone +status +1 +1 /m)
    expect(some.output).toContain('flaky.error')
    expect(some.output).not.toMatch(/brownout|flaky\.reset|Presets/)

    expect(await faults('clear', 'gone', 'flaky.eror')).toMatchObject({
      code: 104,
      output: expect.stringMatching(/no rule or preset "flaky\.eror" is on; did you mean flaky\.error\?/) as string,
    })
    expect((await faults('list')).output).toContain('gone')
  })

  it('accepts the faults section of a configuration file', async () => {
    const target = await testTarget()
    const section = file(
      'section.yaml',
      '\uFEFFfaults:\n  presets: [flaky]\n  timeline: {phases: [{name: bad, duration: 1h, faults: [gc_pauses]}]}\n',
    )
    const { output } = await loadcell(['faults', 'apply', section, '--url', target.url])
    expect(output).toMatch(/^Presets: flaky\.$/m)
    expect(output).toContain('Timeline: bad 1h; now bad')
    const whole = file('whole.yaml', 'seed: 1\nfaults: {presets: [flaky]}\n')
    expect(await loadcell(['faults', 'apply', whole, '--url', target.url])).toMatchObject({
      code: 104,
      output: expect.stringContaining('got "seed", "faults"') as string,
    })
  })

  it('reports each error with an instruction', async () => {
    const target = await testTarget()
    const said = async (...args: string[]) => {
      const { code, output } = await loadcell(['faults', ...args])
      return `${code} ${output}`
    }
    const website = createServer((_, response) => response.end('<html></html>')).listen(0, '127.0.0.1')
    await once(website, 'listening')
    const { port } = website.address() as AddressInfo
    const [unit, prefix, foreign] = await Promise.all([
      said('apply', 'flaky', '--ttl', '5', '--url', target.url),
      said('list', '--url', `${target.url}/v1`),
      said('list', '--url', `http://127.0.0.1:${port}`),
    ])
    website.close()
    expect(unit).toMatch(/^104 [^]*expected a duration such as 30s or 5m, got "5" \(the unit is missing: 5s or 5m\?\)/)
    expect(prefix).toMatch(/^104 [^]*Is the path of --url right\?/)
    expect(foreign).toMatch(/^104 [^]*answered 200, but not like a Loadcell target/)
  })

  it('explains one request', async () => {
    const target = await testTarget({ 'faults.presets': '["slow_network"]' })
    const faults = (...args: string[]) => loadcell(['faults', 'explain', ...args, '--url', target.url])
    const told = await faults('--path', '/products/1', '--key', 'one')
    expect(told.output).toContain('GET /products/1: products.get, tenant public, key one')
    expect(told.output).toMatch(/slow_network\.trip +delay +affects it, for 150ms/)
    expect(told.output).toContain('It is affected by slow_network.trip, then slow_network.pace.')
    const asCurl = await faults('--path', '/products/1', '--header', 'Idempotency-Key: one')
    expect(asCurl.output).toContain('tenant public, key one')
    const json = JSON.parse(
      (await faults('--operation', 'auth.login', '--arrival', '7', '--json')).output,
    ) as FaultsExplanation
    expect(json).toMatchObject({ request: { method: 'POST', path: '/api/v1/auth/login', key: 7 }, strikes: [] })
  })

  it('lists the presets without a target', async () => {
    const { code, output } = await loadcell(['faults', 'presets'])
    expect({ code, output }).toEqual({ code: 0, output: expect.stringMatching(/^brownout +An overloaded service/m) })
  })

  it('reads the control token from a flag or the environment', async () => {
    const target = await testTarget({ 'control.token': 'the-token' })
    const list = ['faults', 'list', '--url', target.url]
    const closed = await loadcell(list)
    expect({ closedCode: closed.code, output: closed.output }).toEqual({
      closedCode: 104,
      output: expect.stringContaining('--token or LOADCELL_CONTROL_TOKEN'),
    })
    expect((await loadcell([...list, '--token', 'the-token'])).code).toBe(0)
    expect((await loadcell(list, { env: { LOADCELL_CONTROL_TOKEN: 'the-token' } })).code).toBe(0)
  })

  it('reports unusable arguments with an instruction', async () => {
    const target = await testTarget()
    const url = ['--url', target.url]
    const wrong = file('wrong.yaml', '[{id: a, share: 1.5, fault: {type: hang}}, {id: b, fault: {type: dely}}]')
    const cases: [string[], number, string[]][] = [
      [['list', '--url', 'http://127.0.0.1:9'], 97, ['no target answers at http://127.0.0.1:9', 'loadcell target']],
      [['apply', 'browout', ...url], 104, ['did you mean brownout?', 'loadcell faults presets']],
      [['apply', wrong, ...url], 104, ['changed nothing', 'rules[0].share: expected 0…1, got 1.5']],
      [['apply', file('half.yaml', '{id: a'), ...url], 104, ['half.yaml cannot be read']],
      [
        ['apply', file('text.yaml', 'brownout'), ...url],
        104,
        ['a rule, a list of rules, {rules, presets, timeline} or a timeline {phases}'],
      ],
      [
        ['apply', 'flaky', file('endless.yaml', 'phases: [{name: a, duration: 0}]'), ...url],
        104,
        ['changed nothing', 'timeline.phases[0].duration: expected at least 1ms'],
      ],
      [['apply', 'flaky', '--ttl', 'soon', ...url], 104, ['expected a duration such as 30s or 5m, got "soon"']],
      [['explain', ...url], 104, ['expected an operation, or a path']],
      [['explain', '--path', '/', '--arrival', '-1', ...url], 104, ['expected an ordinal from 0']],
      [['list', '--url', 'localhost'], 104, ['expected the URL of a target such as']],
    ]
    for (const [args, code, words] of cases) {
      const finished = await loadcell(['faults', ...args])
      expect({ args, finishedCode: finished.code }).toEqual({ args, finishedCode: code })
      for (const word of words) expect(finished.output).toContain(word)
    }
    const { rules } = (await (await fetch(`${target.url}/_loadcell/faults`)).json()) as FaultsReport
    expect(rules).toEqual([])
  })
})
