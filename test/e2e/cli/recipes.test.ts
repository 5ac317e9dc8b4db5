import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { blocksIn, root } from '../../support/markdown.ts'
import { freePort } from '../../support/free-port.ts'
import { scratchFolder } from './loadcell.ts'

const page = 'docs/reports.md'

/** Returns the text of a block of the page, by its first line. */
function recipe(language: string, firstLine: string): string {
  const found = blocksIn(language).find(([, { document, text }]) => document === page && text.startsWith(firstLine))
  if (found === undefined) throw new Error(`${page} has no block that begins with ${firstLine}`)
  return found[1].text
}

interface GithubWorkflow {
  jobs: Record<string, { steps: { run?: string; if?: string; with?: { path?: string } }[] }>
}

interface GitlabJob {
  script: string[]
  allow_failure: { exit_codes: number }
  artifacts: { paths: string[]; reports?: { junit: string; metrics: string } }
}

/** Shell steps of a recipe, and the files that its other steps read. */
interface Recipe {
  name: string
  steps: string[]
  files: string[]
}

function githubRecipe(firstLine: string): Recipe {
  const workflow = parse(recipe('yaml', firstLine)) as GithubWorkflow
  const steps = workflow.jobs['load']?.steps ?? []
  return {
    name: 'GitHub Actions',
    steps: steps.flatMap(({ run }) => run ?? []),
    files: steps.flatMap(step => step.with?.path ?? []),
  }
}

const gitlabJob = (firstLine: string) =>
  Object.values(parse(recipe('yaml', firstLine)) as Record<string, GitlabJob>)[0]!

function gitlabRecipe(firstLine: string): Recipe {
  const { script, artifacts } = gitlabJob(firstLine)
  const { junit, metrics } = artifacts.reports ?? {}
  return {
    name: 'GitLab',
    steps: script,
    files: [...artifacts.paths, junit, metrics].filter(file => file !== undefined),
  }
}

function jenkinsRecipe(firstLine: string): Recipe {
  const text = recipe('groovy', firstLine)
  return {
    name: 'Jenkins',
    steps: Array.from(text.matchAll(/'''([^]*?)'''|sh '(?!'')([^'\n]*)'/g), ([, long, short]) => long ?? short ?? ''),
    files: Array.from(text.matchAll(/(?:junit|archiveArtifacts) '([^']*)'/g), ([, file = '']) =>
      file.replace('/**', ''),
    ),
  }
}

const github = githubRecipe('# .github/workflows/load-test.yml')
const recipes = [
  { ...github, files: [...github.files, 'load-result/benchmark.json'] },
  gitlabRecipe('# .gitlab-ci.yml'),
  jenkinsRecipe('// Jenkinsfile\n'),
]
const abRecipes = [
  githubRecipe('# .github/workflows/load-ab.yml'),
  gitlabRecipe('# .gitlab/load-ab.yml'),
  jenkinsRecipe('// Jenkinsfile of an A/B'),
]
const baselineRecipes = [
  githubRecipe('# .github/workflows/load-baseline.yml'),
  gitlabRecipe('# .gitlab/load-baseline.yml'),
  jenkinsRecipe('// Jenkinsfile with a baseline'),
]
const gitlabAllowances = ['# .gitlab-ci.yml', '# .gitlab/load-ab.yml', '# .gitlab/load-baseline.yml'].map(gitlabJob)

const gate = `
import { scenario, user } from 'loadcell'
export default scenario({
  load: { executor: 'constant-vus', vus: 1, duration: '1s' },
  warmup: '0s',
  users: [user('u', { think: '20ms', iterate: ({ http }) => http.get('/healthz') })],
  thresholds: { http_req_failed: ['rate==0'] },
})`

const loadcellItself = `exec node ${join(root, 'cli/main.js')} "$@"`

/** Variables that pipelines set. This is a run of the main branch. */
const variables = {
  GITHUB_SHA: 'abc',
  GITHUB_RUN_ID: '7',
  GITHUB_BASE_REF: 'main',
  CI_COMMIT_SHA: 'abc',
  CI_COMMIT_BRANCH: 'main',
  CI_PIPELINE_ID: '7',
  CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'main',
  GIT_COMMIT: 'abc',
  BUILD_NUMBER: '7',
  CHANGE_TARGET: 'main',
}

/**
 * Runs the steps like a pipeline, where npm installs nothing and starts a reference target, git checks nothing out, and `npx` is the
 * given shell script.
 */
function runSteps(steps: readonly string[], npx: string, prepare: (folder: string) => void = () => {}) {
  const folder = scratchFolder()
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  mkdirSync(join(folder, 'load'))
  writeFileSync(join(folder, 'load/gate.ts'), gate)
  writeFileSync(join(folder, 'step.md'), '')
  prepare(folder)
  const target = `exec node ${join(root, 'cli/main.js')} target --port "$PORT"`
  const commands = {
    npm: `case "$*" in ci | "--prefix base ci") ;; start | "--prefix base start") ${target} ;; *) exit 9 ;; esac`,
    git: `case "$*" in fetch*origin\\ main) ;; "worktree add --detach base FETCH_HEAD") mkdir base ;; *) exit 9 ;; esac`,
    npx: `test "$1" = loadcell && shift\necho "$*" >> ${folder}/calls\n${npx}`,
  }
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
        ...variables,
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
    const { folder, status, output } = runSteps(steps, loadcellItself)
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
    expect(gitlabAllowances.map(job => job.allow_failure)).toEqual(gitlabAllowances.map(() => ({ exit_codes: 98 })))
  })
})

describe('the recipe of an A/B in one job for', () => {
  /** The same steps with ports that are free, and with one try. */
  async function withFreePorts(steps: readonly string[]): Promise<string[]> {
    const [base, other] = await Promise.all([freePort(), freePort()])
    return steps.map(step =>
      step.replaceAll('3000', String(base)).replaceAll('3001', String(other)).replace('1 2 3', '1'),
    )
  }
  // Two rounds are enough to compare.
  const twoRounds = loadcellItself.replace('"$@"', '$(echo "$*" | sed "s/--rounds 5/--rounds 2/")')

  it('GitHub Actions starts both releases, compares them in turn, and leaves the files that its other steps read', async () => {
    const [{ steps, files }] = abRecipes as [Recipe]
    const { folder, status, output } = runSteps(await withFreePorts(steps), twoRounds)
    // By chance, one of the two can be taken for slower; on a busy machine, a run may be invalid.
    expect([0, 98, 99], output).toContain(status)
    expect(files.filter(file => !existsSync(join(folder, file)))).toEqual([])
    expect(readdirSync(join(folder, 'load-ab'))).toEqual(expect.arrayContaining(['a-1', 'a-2', 'b-1', 'b-2']))
    if (status === 98) return
    expect(readFileSync(join(folder, 'step.md'), 'utf8')).toMatch(/^### gate: 2 base runs and 2 new runs\n/)
    expect(readdirSync(join(folder, 'load-ab'))).toContain('comparison.html')
  })

  it('GitLab and Jenkins has the same commands', () => {
    const commandsOf = ({ steps }: Recipe) =>
      steps
        .join('\n')
        .replaceAll(/"\$(GITHUB_BASE_REF|CI_MERGE_REQUEST_TARGET_BRANCH_NAME|CHANGE_TARGET)"/g, 'main')
        .replaceAll(/^\s+|cat comment.*\n/gm, '')
        .trim()
    const [one, ...others] = abRecipes.map(commandsOf)
    expect(one).toContain('loadcell compare --ab')
    for (const other of others) expect(other).toBe(one)
  })

  it.each(abRecipes)(
    '$name tries three times while a run is invalid, and ends with the code of the comparison',
    async ({ steps }) => {
      // The releases need not be there to count the tries.
      const alone = steps.map(step => step.replace(/^\s*(PORT|trap|for port|curl|done)[^]*?(?=for attempt)/m, ''))
      const invalid = runSteps(alone, 'exit 98')
      expect({ status: invalid.status, calls: invalid.calls.length }).toEqual({ status: 98, calls: 3 })
      const slower = runSteps(alone, 'exit 99')
      expect({ status: slower.status, calls: slower.calls.length }).toEqual({ status: 99, calls: 1 })
    },
  )
})

describe('the recipe of a baseline for', () => {
  it.each(baselineRecipes)(
    '$name runs without a baseline at first, keeps the run, and compares the next one with it',
    ({ steps, files }) => {
      const first = runSteps(steps, loadcellItself)
      // Jenkins, unlike the others, goes on after an invalid run.
      expect([0, 98], first.output).toContain(first.status)
      expect(first.calls[0]).not.toContain('--baseline')
      if (first.status === 98) return
      expect(files.filter(file => !existsSync(join(first.folder, file)))).toEqual([])
      const kept = join(first.folder, 'load-baseline')
      expect(readdirSync(kept)).toEqual(['7'])
      const next = runSteps(steps, 'exit 99', folder =>
        cpSync(kept, join(folder, 'load-baseline'), { recursive: true }),
      )
      expect(next.status).toBe(99)
      expect(next.calls).toEqual([
        expect.stringMatching(/--baseline load-baseline\/7\/ --max-regression http_req_duration p\(95\) 10%/),
      ])
    },
  )

  it.each(baselineRecipes)('$name keeps the newest five runs', ({ steps }) => {
    const { folder, status } = runSteps(steps, 'mkdir load-result', each => {
      for (let run = 1; run <= 6; run++) {
        const kept = join(each, 'load-baseline', `old-${run}`)
        mkdirSync(kept, { recursive: true })
        utimesSync(kept, run, run)
      }
    })
    expect(status).toBe(0)
    expect(readdirSync(join(folder, 'load-baseline'))).toEqual(['7', 'old-3', 'old-4', 'old-5', 'old-6'])
  })
})
