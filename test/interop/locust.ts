import { spawn, spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { matchOf, type KnownOperation } from '../../contract/api/operations.ts'

const executable = process.env['LOADCELL_TEST_LOCUST'] ?? 'locust'
/** Imports what the scripts of WebSockets do, in Locust's own Python. */
const SOCKET_SCRIPT = 'chat_rooms.py'

/** Whether there is a Locust to test with; if not, that is said aloud. @throws Error in CI, where nothing may be skipped. */
export function hasLocust(): boolean {
  return have(['--version'], `there is no ${executable} (apt install python3-locust, or set LOADCELL_TEST_LOCUST)`)
}

/** Whether it also has the package websocket-client. @throws Error in CI, where nothing may be skipped. */
export function hasLocustWithSockets(): boolean {
  const list = ['--locustfile', pathOf(SOCKET_SCRIPT), '--list']
  return have(list, `there is no ${executable} with the package websocket-client (apt install python3-websocket)`)
}

function have(command: string[], why: string): boolean {
  if (spawnSync(executable, command, { env: environment }).status === 0) return true
  if (process.env['CI'] === 'true') throw new Error(why)
  process.stderr.write(`\n!!! SKIPPED: ${why}. No foreign load of that kind was run.\n\n`)
  return false
}

// Python would leave its compiled scripts beside them.
const environment = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' }

function pathOf(script: string): string {
  return resolve(import.meta.dirname, 'locust', script)
}

export interface LocustLoad {
  users: number
  usersPerSecond: number
  seconds: number
}

export interface LocustRun {
  code: number | null
  output: string
  /** Locust's counts by operation, including the handshakes of sockets. */
  requests: Map<KnownOperation, number>
  /** Frames that scripts say they have sent. */
  framesSent: Map<KnownOperation, number>
  failures: number
}

/** Runs a script as its author would, with nothing but the host set. Users end the task they are in: none is cut off. */
export async function runLocust(
  script: string,
  host: string,
  { users, usersPerSecond, seconds }: LocustLoad,
  own: Record<string, string> = {},
): Promise<LocustRun> {
  const child = spawn(
    executable,
    [
      ['--locustfile', pathOf(script)],
      ['--host', host],
      ['--headless', '--only-summary'],
      ['-u', String(users), '-r', String(usersPerSecond), '-t', `${seconds}s`, '--stop-timeout', '30'],
    ].flat(),
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...environment, ...own } },
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
    requests: countsByOperation(rows.filter(({ method }) => !method.startsWith('WS') || method === HANDSHAKE)),
    framesSent: countsByOperation(rows.filter(({ method }) => method === FRAME_SENT)),
    failures: rows.reduce((sum, { failures }) => sum + failures, 0),
  }
}

/** The request type under which scripts count sent frames, as Locust's plugins do. Received frames are `WSR`. */
const HANDSHAKE = 'WSC'
const FRAME_SENT = 'WSS'

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
    const routed = method.startsWith('WS') ? 'GET' : method
    const match = matchOf(routed, name.replaceAll(/\[[^\]]+\]/g, '1'))
    if (match === undefined) throw new Error(`${method} ${name} names no operation`)
    counts.set(match.operation, (counts.get(match.operation) ?? 0) + requests)
  }
  return counts
}
