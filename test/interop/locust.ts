import { spawn, spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
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

export interface LocustLoad {
  users: number
  usersPerSecond: number
  seconds: number
}

export interface LocustRun {
  code: number | null
  output: string
  /** What Locust counted, by the operation its names stand for. */
  requests: Map<KnownOperation, number>
  failures: number
}

/** Runs a script as its author would, with nothing but the host set. Users end the task they are in: none is cut off. */
export async function runLocust(
  script: string,
  host: string,
  { users, usersPerSecond, seconds }: LocustLoad,
): Promise<LocustRun> {
  const child = spawn(
    executable,
    [
      ['--locustfile', resolve(import.meta.dirname, 'locust', script)],
      ['--host', host],
      ['--headless', '--only-summary'],
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
  const rows = readSummary(output)
  return {
    code,
    output,
    requests: countsByOperation(rows),
    failures: rows.reduce((sum, { failures }) => sum + failures, 0),
  }
}

interface SummaryRow {
  method: string
  name: string
  requests: number
  failures: number
}

/** The table that is printed at the end. The CSV files have less: they are not written again when the last users are done. */
function readSummary(output: string): SummaryRow[] {
  const table = output.slice(0, output.indexOf('Response time percentiles'))
  return [...table.matchAll(/^([A-Z]+) +(\S+) +(\d+) +(\d+)\(/gm)].map(([, method, name, requests, failures]) => ({
    method: method!,
    name: name!,
    requests: Number(requests),
    failures: Number(failures),
  }))
}

function countsByOperation(rows: readonly SummaryRow[]): Map<KnownOperation, number> {
  const counts = new Map<KnownOperation, number>()
  for (const { method, name, requests } of rows) {
    const match = matchOf(method, name.replaceAll(/\[[^\]]+\]/g, '1'))
    if (match === undefined) throw new Error(`${method} ${name} names no operation`)
    counts.set(match.operation, (counts.get(match.operation) ?? 0) + requests)
  }
  return counts
}
