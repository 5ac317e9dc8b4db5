import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { RunComparison } from '../../../harness/comparison/comparison.ts'
import { testTarget, type TestTarget } from '../target/support.ts'
import { readResult, scratchFolder, startLoadcell, writeScenario } from './loadcell.ts'
import { loadcell } from './warm-loadcell.ts'

const source = `
import { scenario, user } from 'loadcell'
export default scenario({
  warmup: 0,
  load: { executor: 'per-vu-iterations', vus: 1, iterations: 30 },
  users: [user('reader', { iterate: ({ http }) => http.get('/api/v1/products/3') })],
})`
const json = (output: string) =>
  JSON.parse(output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1)) as RunComparison

/** Returns a target that answers each request after this time. */
async function delayedTarget(distribution: string): Promise<TestTarget> {
  const target = await testTarget()
  const { status } = await fetch(`${target.url}/_loadcell/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ id: 'slow', fault: { type: 'delay', distribution } }),
  })
  expect(status).toBe(201)
  return target
}

describe('loadcell compare --ab', () => {
  it('runs both targets in turn, and finds the delay that one of them injects', async () => {
    const [base, slow] = await Promise.all([testTarget(), delayedTarget('100ms')])
    const out = join(scratchFolder(), 'rounds')
    const sides = ['--a', base.url, '--b', slow.url]
    // On a busy machine a run may be invalid, which --force overlooks.
    const options = ['--rounds', '3', '--out', out, '--json', '--force']
    const { code, output } = await loadcell(['compare', '--ab', writeScenario(source), ...sides, ...options])
    const order = [...output.matchAll(/round (\d) of 3: (\w)/g)].map(([, round, side]) => `${side}${round}`)
    expect(order, output).toEqual(['a1', 'b1', 'b2', 'a2', 'a3', 'b3'])
    const seeds = (side: string) => [1, 2, 3].map(round => readResult(join(out, `${side}-${round}`)).run.seed)
    expect(seeds('a')).toEqual([1, 2, 3])
    expect(seeds('b')).toEqual([1, 2, 3])
    const median = json(output).rows.find(({ statistic }) => statistic === 'http_req_duration p(50)')
    expect(median?.state, output).toBe('worse')
    expect(median?.other).toBeGreaterThan(100)
    expect(code).toBe(99)
  })

  it('finds a slowdown of 50 %, or says that these runs cannot show it', async () => {
    const [base, slow] = await Promise.all(['80ms', '120ms'].map(delayedTarget))
    const out = join(scratchFolder(), 'rounds')
    const scenario = writeScenario(source.replace('vus: 1, iterations: 30', 'vus: 5, iterations: 6'))
    const args = ['--a', base!.url, '--b', slow!.url, '--rounds', '3', '--out', out, '--json']
    const { code, output } = await loadcell(['compare', '--ab', scenario, ...args])
    if (code === 98) {
      // Too busy a machine: this is said, and nothing is concluded.
      expect(output).toMatch(/these runs cannot be compared:[^]*it is invalid/)
      return
    }
    const median = json(output).rows.find(({ statistic }) => statistic === 'http_req_duration p(50)')!
    const { state, verdict } = median
    if (state === 'worse') expect(verdict.interval.low).toBeGreaterThan(0)
    else expect({ state, shown: verdict.smallestDetectable > 0.3 }, output).toEqual({ state: 'unclear', shown: true })
    expect(code).toBe(json(output).rows.some(row => row.state === 'worse') ? 99 : 0)
  })

  it('shows with --aa which changes this machine can detect', async () => {
    const { url } = await testTarget()
    const out = join(scratchFolder(), 'rounds')
    const options = ['--rounds', '2', '--out', out, '--force']
    const { output } = await loadcell(['compare', '--aa', writeScenario(source), '--a', url, ...options])
    expect(output).toMatch(
      /The noise of this machine: 2 runs of each side detect, in four of five comparisons, a change from\n {2}http_req_duration p\(50\) +[+×]/,
    )
    expect(existsSync(join(out, 'b-2/report.html'))).toBe(true)
    const { format } = JSON.parse(readFileSync(join(out, 'comparison.json'), 'utf8')) as RunComparison
    expect(format).toBe('loadcell.comparison/1')
    expect(readFileSync(join(out, 'comparison.html'), 'utf8')).toContain('2 base runs and 2 new runs')
  })

  it('ends with 105 when it is interrupted, and leaves the runs until then and no page', async () => {
    const { url } = await testTarget()
    const folder = scratchFolder()
    const [out, html] = [join(folder, 'rounds'), join(folder, 'page.html')]
    const args = ['--a', url, '--rounds', '2', '--out', out, '--html', html]
    const started = startLoadcell(['compare', '--aa', writeScenario(source), ...args])
    await started.said(/round 1 of 2: b/)
    started.child.kill('SIGINT')
    const { code, output } = await started.finished
    expect(output).toMatch(/run b of round 1 ended with|interrupted in round 1/)
    expect({ code, first: existsSync(join(out, 'a-1/result.json')), page: existsSync(html) }).toEqual({
      code: 105,
      first: true,
      page: false,
    })
  })

  it.each<[string, string[], RegExp, number]>([
    ['one target', ['--ab', 'browse', '--a', 'http://127.0.0.1:9'], /--ab compares two targets/, 104],
    ['results as well', ['x.json', '--aa', 'browse'], /--ab and --aa make the results that they compare/, 104],
    ['a folder that exists', ['--aa', 'browse', '--out', '.'], /\. exists already, and nothing is overwritten/, 104],
    ['no scenario', ['--a', 'http://127.0.0.1:9'], /--a is for --ab and --aa/, 104],
    ['nothing to compare', ['x.json'], /expected results of both sides[^]*--with new/, 104],
    ['one round', ['--aa', 'browse', '--rounds', '1'], /expected an integer 2…500, got "1"/, 104],
    [
      'a target that is not there',
      ['--aa', 'browse', '--a', 'http://127.0.0.1:9', '--duration', '1s', '--out', 'none'],
      /run a of round 1 ended with exit code 97/,
      97,
    ],
  ])('rejects %s', async (_what, args, message, expected) => {
    const { code, output } = await loadcell(['compare', ...args])
    expect(output).toMatch(message)
    expect(code).toBe(expected)
  })
})
