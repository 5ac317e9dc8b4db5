import { executeAll } from '../load/execute-all.ts'
import type { Rig } from './rig.ts'
import type { Uncaught } from './uncaught.ts'

export interface DriveOptions {
  onSecond: (second: number) => void
  /** Tells whether an interval may be sent. One that may not grows until it may. */
  maySend: () => boolean
  /** Absent for a warm-up, whose measurements are discarded: the exceptions would be lost. */
  uncaught?: Uncaught | undefined
}

/** Runs all loads of a worker from their agreed start to their ends. Calls `onSecond` every second. */
export async function drive(rig: Rig, { onSecond, maySend, uncaught }: DriveOptions): Promise<void> {
  const over = new AbortController()
  const { pacer, stopping } = rig.execution
  await pacer.waitUntil(rig.startedAt, stopping)
  uncaught?.countIn(rig.recorder)
  const seconds = everySecond(rig, over.signal, () => {
    if (maySend()) onSecond(rig.intervals.close())
  })
  try {
    await executeAll(rig.loads, rig.startedAt)
  } finally {
    over.abort()
    await seconds
    uncaught?.countIn(undefined)
  }
}

async function everySecond(
  { execution: { clock }, startedAt }: Rig,
  over: AbortSignal,
  tick: () => void,
): Promise<void> {
  while (!over.aborted) {
    // Rounded, because a timer may fire a fraction of a millisecond early.
    const second = Math.round((clock.now() - startedAt) / 1000) + 1
    await clock.sleep(startedAt + second * 1000 - clock.now(), over)
    if (!over.aborted) tick()
  }
}
