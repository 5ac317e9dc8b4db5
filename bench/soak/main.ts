/** A long run with several workers: memory at both ends, and what the ledger cannot explain. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { systemClock } from '../../core/clock.ts'
import { formatDuration, parseDuration } from '../../core/duration.ts'
import type { RunResult } from '../../harness/results/run-result.ts'
import { figure } from '../measurement/report.ts'
import { growthOf, type MemoryCourse } from './memory-course.ts'
import { childrenOf, residentBytes } from './process-memory.ts'

const help = `npm run soak -- [--duration 30m] [--workers 2] [--rate 100] [--consumers 10]

Starts a target and a run with several workers. It samples the resident memory of every process, and fails if one grows in the last third of
the run, if the ledger and the harness differ, or if the fate of an event is unexplained. A run of a few minutes only shows that it works.

--duration  length of the run
--workers   processes that share the load
--rate      iterations a second
--consumers readers of streams, each of which gets every event
`

const { values } = parseArgs({
  options: {
    duration: { type: 'string', default: '30m' },
    workers: { type: 'string', default: '2' },
    rate: { type: 'string', default: '100' },
    consumers: { type: 'string', default: '10' },
    help: { type: 'boolean', default: false },
  },
})
/** Samples of each process in a run. */
const SAMPLES = 600
const LEAST_SAMPLE_MS = 500
const main = resolve(import.meta.dirname, '../../cli/main.js')

if (values.help) process.stdout.write(help)
else process.exitCode = await soak(parseDuration(values.duration))

/** @returns the exit code */
async function soak(durationMs: number): Promise<number> {
  const out = mkdtempSync(join(tmpdir(), 'loadcell-soak-'))
  const target = loadcell(['target', '--port', '0'])
  try {
    const url = await listeningAt(target)
    const run = loadcell(
      ['run', join(import.meta.dirname, 'scenario.ts'), '--target', url, '--out', join(out, 'run')],
      ['--duration', `${durationMs}ms`, '--workers', values.workers],
      ['--var', `rate=${values.rate}`, '--var', `consumers=${values.consumers}`],
      ['--quiet', '--summary', 'none'],
    )
    const courses = await watch({ target, run }, Math.max(LEAST_SAMPLE_MS, durationMs / SAMPLES))
    return tell(courses, JSON.parse(readFileSync(join(out, 'run', 'result.json'), 'utf8')) as RunResult)
  } finally {
    target.kill()
    rmSync(out, { recursive: true, force: true })
  }
}

function loadcell(...words: readonly string[][]): ChildProcess {
  return spawn(process.execPath, [main, ...words.flat()], { stdio: ['ignore', 'pipe', 'inherit'] })
}

function listeningAt(target: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    target.stdout!.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      const [url] = /http:\/\/[^\s"]+/.exec(text) ?? []
      if (url !== undefined) resolve(url)
    })
    target.once('exit', code => reject(new Error(`the target ended with ${code}: ${text}`)))
  })
}

/** Samples the memory of all processes until the run has ended. */
async function watch(
  { target, run }: Record<'target' | 'run', ChildProcess>,
  everyMs: number,
): Promise<MemoryCourse[]> {
  const samples = new Map<string, number[]>()
  const ended = new AbortController()
  run.once('exit', () => ended.abort())
  while (!ended.signal.aborted) {
    await systemClock.sleep(everyMs, ended.signal)
    const workers = childrenOf(run.pid!).map((pid, index) => [`worker ${index + 1}`, pid] as const)
    for (const [name, pid] of [['target', target.pid!], ['coordinator', run.pid!], ...workers] as const) {
      const bytes = residentBytes(pid)
      if (bytes !== undefined) samples.set(name, [...(samples.get(name) ?? []), bytes])
    }
  }
  return [...samples].map(([name, bytes]) => ({ name, bytes }))
}

/** @returns the exit code */
function tell(
  courses: readonly MemoryCourse[],
  { reconciliation, deliveries, totals, run, outcome }: RunResult,
): number {
  const growths = courses.map(({ name, bytes }) => ({ name, ...growthOf(bytes) }))
  for (const { name, beforeBytes, afterBytes, isFlat } of growths) {
    const megabytes = [beforeBytes, afterBytes].map(bytes => figure(bytes / 1e6, 1))
    process.stdout.write(`${name.padEnd(14)}${megabytes.join(' → ')} MB${isFlat ? '' : '  GROWS'}\n`)
  }
  const unexplained = deliveries.reduce((sum, row) => sum + Math.abs(row.unexplained), 0)
  const differences = reconciliation.rows.filter(({ difference }) => difference !== 0)
  process.stdout.write(
    `${outcome.state} after ${formatDuration(Math.round(run.durationMs))}: ${figure(totals.requests)} requests, ${figure(totals.events.delivered)} events delivered; ` +
      `unexplained ${unexplained}; ledger: ${reconciliation.summary}\n`,
  )
  return growths.every(({ isFlat }) => isFlat) && unexplained === 0 && differences.length === 0 ? 0 : 1
}
