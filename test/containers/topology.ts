import { execFile, execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { LedgerReport } from '../../contract/ledger.ts'
import type { RunResult } from '../../harness/results/run-result.ts'
import { image } from './engine.ts'

const definition = resolve(import.meta.dirname, '../../deploy/compose/docker-compose.yml')
const controlToken = 'only-for-this-test'
const LOOK_MS = 200

/** The topology of `deploy/compose`, as a user starts it: NATS, a target, three workers and a coordinator. */
export interface Topology {
  /** Starts the run of a scenario, given the URL of its file. Resolves when the target has accepted its first event. */
  start: (scenario: URL, options?: { onWorkerLoss?: 'end' | 'continue' }) => Promise<void>
  /** Ids of the containers of a service. */
  containers: (service: string) => string[]
  /** Runs a command of `docker`. */
  docker: (...words: string[]) => Promise<string>
  /** The network that all of them share. */
  readonly network: string
  /** Returns the exit code of the coordinator when it has ended, with all that it has printed. */
  ended: () => Promise<{ code: number; output: string; result: RunResult }>
  remove: () => Promise<void>
}

const run = promisify(execFile)

/** Whether docker-compose is there; if not, that is said aloud. @throws Error in CI, where nothing may be skipped. */
export function hasCompose(): boolean {
  try {
    execFileSync('docker-compose', ['version'], { stdio: 'pipe' })
    return true
  } catch {
    const why = 'the topology of deploy/compose needs docker-compose, and there is none'
    if (process.env['CI'] === 'true') throw new Error(why)
    process.stderr.write(`\n*** SKIPPED: ${why} ***\n\n`)
    return false
  }
}

let topologies = 0

export function createTopology(): Topology {
  topologies += 1
  const project = `loadcell-cluster-${process.pid}-${topologies}`
  const results = mkdtempSync(join(tmpdir(), 'loadcell-topology-'))
  // The container's user is not ours.
  chmodSync(results, 0o777)
  let env: NodeJS.ProcessEnv = { ...process.env, LOADCELL_CLUSTER_TOKEN: 'the-token-of-this-test' }
  const compose = (...words: string[]) =>
    run('docker-compose', ['-p', project, '-f', definition, ...words], { env, maxBuffer: 2 ** 24 })
  const docker = async (...words: string[]) => {
    const { stdout, stderr } = await run('docker', words, { maxBuffer: 2 ** 24 })
    return stdout + stderr
  }
  const containers = (service: string) =>
    execFileSync(
      'docker',
      [
        ['ps', '--all', '--quiet', '--no-trunc'],
        ['--filter', `label=com.docker.compose.project=${project}`],
        ['--filter', `label=com.docker.compose.service=${service}`],
      ].flat(),
      { encoding: 'utf8' },
    )
      .trim()
      .split('\n')
  const ask = async <T>(path: string): Promise<T> => {
    const headers = { authorization: `Bearer ${controlToken}` }
    const script = `fetch('http://127.0.0.1:8080/_loadcell${path}', { headers: ${JSON.stringify(headers)} }).then(answer => answer.text()).then(console.log)`
    return JSON.parse(await docker('exec', containers('target')[0]!, 'node', '-e', script)) as T
  }
  /** A run is known to the target before its first request is. */
  const hasBegun = async (scenario: URL) => {
    const { runs } = await ask<{ runs: string[] }>('/runs')
    const name = runs.find(run => run.startsWith(`${basename(scenario.pathname, '.ts')}-`) && !run.endsWith('~warmup'))
    return name !== undefined && (await ask<LedgerReport>(`/ledger?run=${name}`)).events.accepted > 0
  }
  const output = () => docker('logs', containers('coordinator')[0]!)

  return {
    containers,
    docker,
    network: `${project}_default`,

    async start(scenario, { onWorkerLoss = 'end' } = {}) {
      env = {
        ...env,
        LOADCELL_IMAGE: image,
        LOADCELL_CONTROL_TOKEN: controlToken,
        LOADCELL_SCENARIOS: dirname(scenario.pathname),
        LOADCELL_SCENARIO: basename(scenario.pathname),
        LOADCELL_RESULTS: results,
        LOADCELL_ON_WORKER_LOSS: onWorkerLoss,
      }
      await compose('up', '--detach')
      while (!(await hasBegun(scenario))) {
        const running = await docker('inspect', '--format', '{{.State.Running}}', containers('coordinator')[0]!)
        if (running.trim() !== 'true') throw new Error(`the coordinator ended before its run began:\n${await output()}`)
        await delay(LOOK_MS)
      }
    },

    async ended() {
      const code = Number(await docker('wait', containers('coordinator')[0]!))
      const text = await output()
      const path = join(results, 'run', 'result.json')
      try {
        return { code, output: text, result: JSON.parse(readFileSync(path, 'utf8')) as RunResult }
      } catch (error) {
        throw new Error(`the coordinator ended with ${code} and without a result:\n${text}`, { cause: error })
      }
    },

    async remove() {
      await compose('down', '--volumes', '--timeout', '1')
      rmSync(results, { recursive: true, force: true })
    },
  }
}
