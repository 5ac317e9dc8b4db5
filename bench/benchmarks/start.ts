import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { median } from '../../core/median.ts'
import { type Child, cpuSecondsOf, pinned, startChild } from '../processes/process.ts'
import { atMost, type Bench, type BenchReport, figure, range } from '../measurement/report.ts'
import { byName, column, type Contender, interleave, ratios } from '../measurement/rounds.ts'

const main = resolve(import.meta.dirname, '../../cli/main.js')
/** Says at its end how much CPU time the process took. */
const tellCpu = `data:text/javascript,process.on('exit',()=>process.stderr.write('cpu '+JSON.stringify(process.cpuUsage())))`
const STARTS_WITHIN_MS = 60_000

/** One start of a process: until it has ended, or until it does what it is for. */
export interface StartReading {
  wallMs: number
  cpuMs: number
}

export const start: Bench = {
  name: 'start',
  description: 'the time to the help, to the first answer of a target, and to the first request of a run',
  async run(rounds) {
    const folder = mkdtempSync(join(tmpdir(), 'loadcell-start-'))
    const server = await startChild('generator', 'floors/first-request.ts')
    try {
      const contenders = [
        { name: 'node, which does nothing', measure: () => untilEnd(['-e', '0']) },
        { name: 'loadcell --help', measure: () => untilEnd([main, '--help']) },
        { name: 'loadcell target, to its first answer', measure: untilAnswer },
        { name: 'loadcell run, to its first request', measure: () => untilRequest(server, folder) },
      ] satisfies Contender<StartReading>[]
      // Fills the cache of compiled modules, also without a round to warm up.
      for (const { measure } of contenders) await measure()
      return reportOf(byName(contenders, await interleave(contenders, rounds)))
    } finally {
      await server.stop()
      rmSync(folder, { recursive: true })
    }
  },
}

/** Starts Node on the core of servers. */
function startNode(words: string[]): ChildProcess {
  const [executable, ...rest] = pinned('server', process.execPath, ...words)
  return spawn(executable, rest, { stdio: ['ignore', 'pipe', 'pipe'], timeout: STARTS_WITHIN_MS })
}

async function untilEnd(words: string[]): Promise<StartReading> {
  const startedAt = performance.now()
  const child = startNode(['--import', tellCpu, ...words])
  let said = ''
  child.stdout!.resume()
  child.stderr!.on('data', (chunk: Buffer) => (said += chunk.toString()))
  await once(child, 'close')
  const wallMs = performance.now() - startedAt
  const { user, system } = JSON.parse(/cpu (.*)$/.exec(said)![1]!) as NodeJS.CpuUsage
  return { wallMs, cpuMs: (user + system) / 1000 }
}

async function untilAnswer(): Promise<StartReading> {
  const startedAt = performance.now()
  const child = startNode([main, 'target', '--port', '0', '--set', 'log.level=warn'])
  const [line] = (await once(child.stdout!, 'data')) as [Buffer]
  const url = /http:\S+/.exec(line.toString())![0]
  await (await fetch(`${url}/products/17`)).text()
  return ended(child, startedAt)
}

async function untilRequest(server: Child, folder: string): Promise<StartReading> {
  const came = server.ask(null)
  const startedAt = performance.now()
  const flags = ['--warmup', '0', '--vus', '1', '--duration', '1s', '--out', join(folder, 'report')]
  const child = startNode([main, 'run', 'browse', '--target', server.url, ...flags])
  child.stdout!.resume()
  child.stderr!.resume()
  await came
  return ended(child, startedAt)
}

/** Reads what the process took so far, and ends it as a user would: only then does it keep its compiled modules. */
async function ended(child: ChildProcess, startedAt: number): Promise<StartReading> {
  const reading = { wallMs: performance.now() - startedAt, cpuMs: cpuSecondsOf(child.pid!) * 1000 }
  const gone = once(child, 'close')
  child.kill('SIGTERM')
  await gone
  return reading
}

const notes = [
  'Compiled modules are in their cache, as after a first start.',
  'CPU time is that of all threads. A start has no length, so the seconds of a turn do not matter here.',
]

/** @param readings by contender: Node alone, the help, the target, the run. */
export function reportOf(readings: Record<string, StartReading[]>): BenchReport {
  const [node = [], help, target, run] = Object.values(readings)
  const toNode = (turns: StartReading[] | undefined) => ratios(column(turns, 'cpuMs'), column(node, 'cpuMs'))
  return {
    tables: [
      {
        title: 'starts',
        columns: ['', 'CPU ms', 'rounds', '÷ node', 'wall ms', 'rounds'],
        rows: Object.entries(readings).map(([name, turns]) => [
          name,
          figure(median(column(turns, 'cpuMs'))),
          range(column(turns, 'cpuMs'), 0),
          figure(median(toNode(turns)), 1),
          figure(median(column(turns, 'wallMs'))),
          range(column(turns, 'wallMs'), 0),
        ]),
      },
    ],
    marks: [
      atMost('loadcell --help: CPU ÷ that of Node, which does nothing', toNode(help), 5),
      atMost('loadcell target, to its first answer: CPU ÷ that of Node', toNode(target), 26),
      atMost('loadcell run, to its first request: CPU ÷ that of Node', toNode(run), 16),
    ],
    notes,
    readings,
  }
}
