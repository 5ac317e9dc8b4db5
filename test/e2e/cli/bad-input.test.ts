import { spawnSync } from 'node:child_process'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from '../../support/markdown.ts'
import { main, scratchFolder, writeScenario } from './loadcell.ts'
import { loadcell } from './warm-loadcell.ts'

const users = `[user('u', { iterate: ({ http }) => http.get('/healthz') })]`
const load = `{ executor: 'constant-vus', vus: 1, duration: '1s' }`
const source = (body: string) => `import { scenario, user } from 'loadcell'\nexport default scenario(${body})\n`

/** Each case has the message that the user must see. Nothing may run, and no target may start. */
describe('bad input ends with code 104 and an instruction', () => {
  it.each<[string, () => string[], RegExp]>([
    [
      'no such scenario',
      () => ['run', 'no-such-thing'],
      /no scenario "no-such-thing"[^]*Ready ones: .*mixed-streaming/,
    ],
    ['a scenario misspelt', () => ['run', 'brownot'], /no scenario "brownot"; did you mean brownout\?/],
    ['a pair that is none', () => ['run', 'shop', '--tag', 'x'], /--tag <key=value>.*expected key=value, got "x"/],
    ['a file misspelt', () => ['run', join(import.meta.dirname, 'lodcell.ts')], /; did you mean loadcell\.ts\?/],
    ['a ready scenario as a file', () => ['run', './shop.ts'], /there is no file .*shop\.ts; did you mean shop\?/],
    ['a file that is no script', () => ['run', join(root, 'package.json')], /package\.json is not a scenario: .*\.ts/],
    [
      'a misspelt extension',
      () => ['run', join(root, 'vitest.config.tss')],
      /there is no file .*vitest\.config\.tss; did you mean vitest\.config\.ts\?/,
    ],
    ['no such file', () => ['run', './nowhere.ts'], /there is no file .*nowhere\.ts/],
    [
      'no default export',
      () => ['run', writeScenario('export const mine = 1')],
      /no default export \(it exports mine\)/,
    ],
    ['a syntax error', () => ['run', writeScenario('export default {,}')], /could not be loaded: .*SyntaxError/],
    [
      'a scenario that throws when it is read',
      () => ['run', writeScenario('const a: any = undefined\nexport default a.b')],
      /TypeError.*\(scenario\.ts:2\)/,
    ],
    [
      'a schema that is invalid',
      () => [
        'run',
        writeScenario(`import { matchesSchema } from 'loadcell'
export default matchesSchema({ type: 'object', properties: { id: { requird: true } } })`),
      ],
      /could not be loaded: .*unknown keyword: "requird" at \/properties\/id\/requird \(scenario\.ts:2\)/,
    ],
    [
      'a file to upload that is missing',
      () => ['run', writeScenario(`import { file } from 'loadcell'\n\nexport default file('nowhere.jpg')`)],
      /could not be loaded: .*nowhere\.jpg: cannot be read \(looked in .*\): ENOENT.* \(scenario\.ts:3\)/,
    ],
    [
      'TypeScript that is more than types',
      () => ['run', writeScenario('enum A { B }\nexport default A')],
      /could not be loaded: .*enum/,
    ],
    [
      'a wrong type in a field',
      () => ['run', writeScenario(source(`{ load: ${load}, users: [{ ...${users}[0], share: '70%' }] } as never`))],
      /users\[0\]\.share: expected .*, got "70%"/,
    ],
    [
      'an unknown field',
      () => ['run', writeScenario(source(`{ load: ${load}, users: ${users}, treshold: {} } as never`))],
      /treshold[^]*thresholds/,
    ],
    [
      'an unknown executor',
      () => [
        'run',
        writeScenario(
          source(`{ load: { executor: 'constant-users', vus: 1, duration: '1s' }, users: ${users} } as never`),
        ),
      ],
      /load\.executor: expected .*constant-vus.*got "constant-users"/,
    ],
    [
      'a threshold on an unknown metric',
      () => [
        'run',
        writeScenario(source(`{ load: ${load}, users: ${users}, thresholds: { http_req_durations: ['p(95)<1'] } }`)),
      ],
      /http_req_durations[^]*http_req_duration/,
    ],
    [
      'a threshold that cannot be read',
      () => [
        'run',
        writeScenario(source(`{ load: ${load}, users: ${users}, thresholds: { checks: ['p95 < much'] } }`)),
      ],
      /p95 < much/,
    ],
    ['an unknown flag', () => ['run', 'mixed-streaming', '--user', '3'], /unknown option '--user'[^]*--vus|--help/],
    [
      'a flag that is not a number',
      () => ['run', 'mixed-streaming', '--vus', 'many'],
      /expected a number above 0, got "many"/,
    ],
    [
      'a duration without a unit',
      () => ['run', 'mixed-streaming', '--duration', '5'],
      /--duration: expected a duration with its unit, such as '5s' or '5ms', got "5"/,
    ],
    [
      'an invalid duration',
      () => ['run', 'mixed-streaming', '--duration', '5sec'],
      /--duration: expected a duration such as '250ms', '1.5s', '1m30s', got "5sec"/,
    ],
    [
      'no duration at all',
      () => ['run', 'mixed-streaming', '--duration', '0'],
      /--duration: expected a duration longer than 0/,
    ],
    [
      'an endless duration',
      () => ['run', 'mixed-streaming', '--duration', '999d'],
      /--duration: expected a duration of at most 24d/,
    ],
    ['an empty seed', () => ['run', 'mixed-streaming', '--seed', ''], /expected an integer 0…4294967295, got ""/],
    ['an unknown profile', () => ['run', 'mixed-streaming', '--profile', 'huge'], /expected smoke .*got "huge"/],
    ['a rate for a closed model', () => ['run', 'mixed-streaming', '--rate', '10'], /--vus/],
    ['a target that is no URL', () => ['run', 'mixed-streaming', '--target', 'localhost'], /http:\/\//],
    [
      'a folder that cannot be written to',
      () => ['run', 'mixed-streaming', '--out', '/dev/null/results'],
      /cannot be written to[^]*--out/,
    ],
    [
      'an unknown setting of the embedded target',
      () => ['run', 'mixed-streaming', '--target-set', 'auth.tokenTTL=2s'],
      /embedded target did not start[^]*auth\.tokenTTL[^]*auth\.tokenTtl/,
    ],
    [
      'a scenario with an unknown setting',
      () => ['run', writeScenario(source(`{ load: ${load}, users: ${users}, target: { 'feed.order': 0 } }`))],
      /embedded target did not start[^]*feed\.order[^]*feed\.orders/,
    ],
    [
      'settings for a running target',
      () => ['run', 'mixed-streaming', '--target', 'http://127.0.0.1:9', '--target-set', 'seed=2'],
      /--target-set is for the embedded target[^]*loadcell target --set/,
    ],
    ['an unknown configuration key', () => ['target', '--set', 'auth.tokenTTL=2s'], /auth\.tokenTTL[^]*auth\.tokenTtl/],
    [
      'a configuration value out of bounds',
      () => ['target', '--set', 'streams.partitions=0'],
      /streams\.partitions: expected 1…256, got 0/,
    ],
    ['a configuration file that is not there', () => ['target', '--config', 'none.yaml'], /none\.yaml/],
    ['an unknown command', () => ['sing'], /sing/],
  ])('%s', async (_, args, told) => {
    const { code, output } = await loadcell(args())
    expect(output).toMatch(told)
    expect(output).not.toMatch(/internal error|^\s+at /m)
    expect(code).toBe(104)
  })
})

it.each([
  [['run', './shop.ts'], /shop\.ts cannot be found, because the working directory no longer exists/],
  [['faults', 'list'], /the working directory no longer exists\n.*Change to another/],
])('says that the working directory of %o is gone', (args, told) => {
  const command = ['-c', 'rmdir "$PWD" && exec "$0" "$@"', process.execPath, main, ...args]
  const { status, stderr } = spawnSync('sh', command, { cwd: scratchFolder(), encoding: 'utf8' })
  expect(stderr).toMatch(told)
  expect(stderr).not.toContain('internal error')
  expect(status).toBe(104)
})

it('does not suggest a link to nothing as the file that is missing', async () => {
  const folder = scratchFolder()
  symlinkSync('nowhere', join(folder, 'shop.ts'))
  const { output } = await loadcell(['run', './shop.ts'], { cwd: folder })
  expect(output).toMatch(/there is no file .*shop\.ts; did you mean shop\?/)
})
