import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parse } from 'csv-parse/sync'
import { matchOf, type KnownOperation } from '../../contract/operations.ts'

const executable = process.env['LOADCELL_LOCUST'] ?? 'locust'

/** Whether there is a Locust to test with; if not, that is said aloud, once. */
export function hasLocust(): boolean {
  if (spawnSync(executable, ['--version']).status === 0) return true
  process.stderr.write(
    `\n!!! SKIPPED: there is no ${executable} (apt install python3-locust, or set LOADCELL_LOCUST). No foreign load was run.\n\n`,
  )
  return false
}

export interface LocustRun {
  code: number | null
  output: string
  /** What Locust counted, by the operation its names stand for. */
  requests: Map<KnownOperation, number>
  failures: LocustFailure[]
}

export interface LocustFailure {
  Method: string
  Name: string
  Error: string
  Occurrences: string
}

export interface LocustLoad {
  users: number
  usersPerSecond: number
  seconds: number
}

/** Runs a script as its author would, with nothing but the host set. Users may end the task they are in: none is cut off. */
export async function runLocust(
  script: string,
  host: string,
  { users, usersPerSecond, seconds }: LocustLoad,
): Promise<LocustRun> {
  const folder = mkdtempSync(join(tmpdir(), 'loadcell-locust-'))
  try {
    const child = spawn(
      executable,
      [
        ['--locustfile', resolve(import.meta.dirname, 'locust', script)],
        ['--host', host],
        ['--headless', '--only-summary', '--csv', join(folder, 'run')],
        ['-u', String(users), '-r', String(usersPerSecond), '-t', `${seconds}s`, '--stop-timeout', '30'],
      ].flat(),
      // Python would leave its compiled scripts beside them.
      { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' } },
    )
    let output = ''
    child.stdout.on('data', chunk => (output += String(chunk)))
    child.stderr.on('data', chunk => (output += String(chunk)))
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('close', resolve)
      child.once('error', reject)
    })
    if (code !== 0 && code !== 1) throw new Error(`locust ended with ${code}:\n${output}`)
    return {
      code,
      output,
      requests: countsByOperation(readRows<StatsRow>(join(folder, 'run_stats.csv'))),
      failures: readRows<LocustFailure>(join(folder, 'run_failures.csv')),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

interface StatsRow {
  Type: string
  Name: string
  'Request Count': string
}

function countsByOperation(rows: readonly StatsRow[]): Map<KnownOperation, number> {
  const counts = new Map<KnownOperation, number>()
  for (const { Type, Name, 'Request Count': count } of rows) {
    if (Name === 'Aggregated') continue
    const match = matchOf(Type, Name.replaceAll(/\[[^\]]+\]/g, '1'))
    if (match === undefined) throw new Error(`${Type} ${Name} names no operation`)
    counts.set(match.operation, (counts.get(match.operation) ?? 0) + Number(count))
  }
  return counts
}

function readRows<Row>(path: string): Row[] {
  return parse(readFileSync(path), { columns: true })
}
