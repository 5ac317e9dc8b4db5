import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type IdleWay, idleWays } from './idle-ways.ts'
import { type MemoryReading, perConnection, readMemory } from '../processes/memory.ts'
import { type Child, startChild } from '../processes/process.ts'
import {
  atMost,
  type BenchReport,
  emptyReport,
  figure,
  type SpeedMark,
  spread,
  type Table,
} from '../measurement/report.ts'
import { byName, type Contender, interleave, ratios, type Rounds } from '../measurement/rounds.ts'
import { startTarget } from '../processes/target.ts'

const SIZES = [100, 1000]
/** Memory hardly differs between rounds, and each starts fifteen servers. */
const MOST_ROUNDS = 2

/** Measures the memory of an idle connection by protocol. */
export async function idleByProtocol({ rounds, seconds }: Rounds): Promise<BenchReport> {
  const folder = mkdtempSync(join(tmpdir(), 'loadcell-bench-'))
  const report = emptyReport(notes)
  try {
    const measured: MeasuredWay[] = []
    for (const way of idleWays(join(folder, 'ca.pem'))) {
      const { name, floor, settings } = way
      const contenders = [
        holding('target', way, () => startTarget(settings)),
        ...(floor === undefined ? [] : [holding(floor.name, way, () => startChild('server', floor.path))]),
      ]
      const limited = { warmupRounds: 0, rounds: Math.min(rounds, MOST_ROUNDS), seconds }
      const readings = await interleave(contenders, limited)
      report.readings.push({ way: name, sizes: SIZES, ...byName(contenders, readings) })
      const [target = [], alone = []] = readings.map(turns => turns.map(grownKb))
      measured.push({ way, target, alone })
    }
    report.tables.push(tableOf(measured))
    report.marks.push(...marksOf(measured))
    return report
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** KB of resident memory that a connection takes, by round. */
export interface MeasuredWay {
  way: Pick<IdleWay, 'name' | 'limitKb' | 'floor'>
  target: number[]
  /** The same at a server of the library alone; empty if there is no such server. */
  alone: number[]
}

const notes = [
  `By protocol: each turn has fresh servers, and there are at most ${MOST_ROUNDS} rounds. Each connection follows a stream, or is in a room and has heard a message or two.`,
  'The library alone has no tokens, limits, budgets, faults or ledger. TLS has no such row: compare it with the row without TLS.',
]

function holding(name: string, { meter, hold }: IdleWay, start: () => Promise<Child>): Contender<MemoryReading[]> {
  return {
    name,
    async measure() {
      const [server, holder] = await Promise.all([start(), startChild('generator', `meters/${meter}.ts`)])
      try {
        const held: MemoryReading[] = []
        for (const size of SIZES) {
          await holder.ask(hold(server.url, size))
          held.push(await readMemory(server))
        }
        return held
      } finally {
        await Promise.all([server.stop(), holder.stop()])
      }
    },
  }
}

function grownKb(held: MemoryReading[]): number {
  return perConnection(held, SIZES, 'rssBytes', 0, 1)
}

export function tableOf(measured: readonly MeasuredWay[]): Table {
  return {
    title: `By protocol: KB of resident memory by idle connection, ${SIZES.map(size => figure(size)).join(' → ')}`,
    columns: ['protocol', 'target', 'library alone', 'KB', 'the target’s ÷ it'],
    rows: measured.map(({ way: { name, floor }, target, alone }) => [
      name,
      spread(target),
      floor?.name ?? figure(),
      spread(alone),
      spread(ratios(target, alone)),
    ]),
  }
}

export function marksOf(measured: readonly MeasuredWay[]): SpeedMark[] {
  return measured.map(({ way: { name, limitKb }, target }) =>
    atMost(`${name}: KB of resident memory by idle connection`, target, limitKb),
  )
}
