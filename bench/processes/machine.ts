import { availableParallelism, cpus } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { pinnedTo } from './process.ts'

const OBSERVED_FOR_MS = 1000

export function describeMachine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor'
  const pins =
    pinnedTo === undefined
      ? 'not pinned: no taskset or no second core, so servers and generators disturb each other'
      : `servers on core ${pinnedTo.server}, generators on core ${pinnedTo.generator}`
  return `${model}, ${availableParallelism()} cores, Node ${process.version}; ${pins}`
}

/** Returns the share of all cores that is in use over a second in which the bench itself does nothing. */
export async function busyShare(): Promise<number> {
  const before = cpuTimes()
  await sleep(OBSERVED_FOR_MS)
  const after = cpuTimes()
  return 1 - (after.idleMs - before.idleMs) / (after.totalMs - before.totalMs)
}

function cpuTimes(): { idleMs: number; totalMs: number } {
  const all = cpus().map(({ times }) => times)
  const idleMs = all.reduce((sum, { idle }) => sum + idle, 0)
  return { idleMs, totalMs: all.reduce((sum, { user, nice, sys, irq }) => sum + user + nice + sys + irq, idleMs) }
}
