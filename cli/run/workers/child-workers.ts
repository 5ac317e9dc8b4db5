import { type ChildProcess, fork } from 'node:child_process'
import { getCompileCacheDir } from 'node:module'
import { dirname, extname, resolve } from 'node:path'
import { systemClock } from '../../../core/clock.ts'
import { ChildProcessLink, channelToChild } from '../../../harness/bus/child-process-link.ts'
import type { Recruit } from '../../../harness/coordination/member.ts'
import { coordinatorCodec } from '../../../harness/coordination/message-codecs.ts'
import type { ToCoordinator, ToWorker } from '../../../harness/coordination/messages.ts'

/** Time for a message to reach all workers of this machine, and for them to set up what they drive. */
const LEAD_MS = 100
/** Time for dismissed workers to end. */
const ENDS_WITHIN_MS = 2000

/** Workers in processes of their own on this machine. */
export interface ChildWorkers {
  recruits: Recruit[]
  /** Waits until all of them have ended, and kills those that do not. */
  stop(): Promise<void>
}

type Printing = 'stdout' | 'stderr'

interface WorkerProcessOptions {
  folder?: string
  place?: string | undefined
  prints?: Printing
}

/** Starts the process of a worker. */
export function forkWorker({ folder, place, prints = 'stdout' }: WorkerProcessOptions = {}): ChildProcess {
  const main = resolve(import.meta.dirname, `worker-main${extname(import.meta.filename)}`)
  const cache = getCompileCacheDir()
  return fork(main, place === undefined ? [] : [place], {
    ...(folder !== undefined && { cwd: folder }),
    env: { ...process.env, NODE_COMPILE_CACHE: cache && dirname(cache) },
    // What a scenario prints is printed, as in a run with one worker.
    stdio: ['ignore', prints === 'stdout' ? 1 : 2, 'inherit', 'ipc'],
    // Texts are copied as they are, and not quoted once more.
    serialization: 'advanced',
  })
}

/** @param prints where a scenario prints with `console.log`. */
export function startChildWorkers(count: number, prints: Printing): ChildWorkers {
  const children = Array.from({ length: count }, () => forkWorker({ prints }))
  return {
    recruits: children.map(child => ({
      link: new ChildProcessLink<ToWorker, ToCoordinator>(channelToChild(child), coordinatorCodec),
      leadMs: LEAD_MS,
      kill: () => void child.kill('SIGKILL'),
    })),
    async stop() {
      await Promise.all(children.map(end))
    },
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const ended = new AbortController()
  child.once('exit', () => ended.abort())
  if (child.connected) child.disconnect()
  await systemClock.sleep(ENDS_WITHIN_MS, ended.signal)
  if (!ended.signal.aborted) child.kill('SIGKILL')
}
