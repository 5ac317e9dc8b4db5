import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { blocksIn, root } from '../../support/markdown.ts'
import { scratchFolder } from './loadcell.ts'

const page = 'docs/reports.md'

/** Returns the text of a block of the page, by its first line. */
function recipe(language: string, firstLine: string): string {
  const found = blocksIn(language).find(([, { document, text }]) => document === page && text.startsWith(firstLine))
  if (found === undefined) throw new Error(`${page} has no block that begins with ${firstLine}`)
  return found[1].text
}

interface GithubWorkflow {
  jobs: Record<string, { steps: { run?: string; with?: { path?: string } }[] }>
}

interface GitlabJob {
  script: string[]
  allow_failure: { exit_codes: number }
  artifacts: { paths: string[]; reports: { junit: string; metrics: string } }
}

const github = parse(recipe('yaml', '# .github/workflows')) as GithubWorkflow
const githubSteps = github.jobs['load']?.steps ?? []
const gitlab = (parse(recipe('yaml', '# .gitlab-ci.yml')) as Record<string, GitlabJob>)['load test']!
const jenkins = recipe('groovy', '// Jenkinsfile')

/** Shell steps of each recipe, and the files that its other steps read. */
const recipes = [
  {
    name: 'GitHub Actions',
    steps: githubSteps.flatMap(({ run }) => run ?? []),
    files: [...githubSteps.flatMap(step => step.with?.path ?? []), 'load-result/benchmark.json'],
  },
  {
    name: 'GitLab',
    steps: gitlab.script,
    files: [...gitlab.artifacts.paths, gitlab.artifacts.reports.junit, gitlab.artifacts.reports.metrics],
  },
  {
    name: 'Jenkins',
    steps: [...jenkins.matchAll(/'''([^]*?)'''|sh '([^'\n]*)'/g)].map(([, long, short]) => long ?? short ?? ''),
    files: [...jenkins.matchAll(/(?:junit|archiveArtifacts) '([^']*)'/g)].map(([, file = '']) =>
      file.replace('/**', ''),
    ),
  },
]

const gate = `
import { scenario, user } from 'loadcell'
export default scenario({
  load: { executor: 'constant-vus', vus: 1, duration: '1s' },
  warmup: '0s',
  users: [user('u', { think: '20ms', iterate: ({ http }) => http.get('/healthz') })],
  thresholds: { http_req_failed: ['rate==0'] },
})`

/** Runs the steps like a pipeline, where npm installs nothing and `npx` is the given shell script. */
function runSteps(steps: readonly string[], npx: string) {
  const folder = scratchFolder()
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  mkdirSync(join(folder, 'load'))
  writeFileSync(join(folder, 'load/gate.ts'), gate)
  writeFileSync(join(folder, 'step.md'), '')
  const commands = { npm: 'test "$1" = ci', npx: `test "$1" = loadcell && shift\necho "$*" >> ${folder}/calls\n${npx}` }
  for (const [name, script] of Object.entries(commands)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(bin, name), 0o755)
  }
  let status: number | null = 0
  let output = ''
  for (const step of steps) {
    const {
      status: ended,
      stdout,
      stderr,
    } = spawnSync('bash', ['-e', '-c', step], {
      cwd: folder,
      encoding: 'utf8',
      timeout: 100_000,
      env: {
        ...process.env,
        PATH: `${bin}:${resolve(process.execPath, '..')}:${process.env['PATH']}`,
        GITHUB_STEP_SUMMARY: join(folder, 'step.md'),
        GITHUB_SHA: 'abc',
        CI_COMMIT_SHA: 'abc',
        GIT_COMMIT: 'abc',
      },
    })
    output += stdout + stderr
    status = ended
    if (ended !== 0) break
  }
  const calls = existsSync(join(folder, 'calls')) ? readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n') : []
  return { folder, status, output, calls }
}

describe('the recipe for', () => {
  it.each(recipes)('$name runs the gate and leaves the files that its other steps read', ({ steps, files }) => {
    const { folder, status, output } = runSteps(steps, `exec node ${join(root, 'cli/main.ts')} "$@"`)
    expect([0, 98], output).toContain(status)
    expect(files.length).toBeGreaterThan(1)
    expect(files.filter(file => !existsSync(join(folder, file)))).toEqual([])
    expect(readFileSync(join(folder, 'load-result/result.json'), 'utf8')).toContain('"commit": "abc"')
  })

  it.each(recipes)('$name tries an invalid run three times, and ends with 98', ({ steps }) => {
    const { status, calls } = runSteps(steps, 'exit 98')
    expect({ status, calls: calls.length }).toEqual({ status: 98, calls: 3 })
  })

  it.each(recipes)('$name tries a failed run only once, and ends with its code', ({ steps }) => {
    const { status, calls } = runSteps(steps, 'exit 99')
    expect({ status, calls: calls.length }).toEqual({ status: 99, calls: 1 })
  })

  it('GitLab shows 98, and nothing else, as a warning', () => {
    expect(gitlab.allow_failure).toEqual({ exit_codes: 98 })
  })
})
