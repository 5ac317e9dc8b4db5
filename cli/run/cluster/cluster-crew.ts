import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { systemClock } from '../../../core/clock.ts'
import type { ScenarioBundle } from '../../../harness/bundle/scenario-bundle.ts'
import { gather, type JoinedWorker, workerName } from '../../../harness/cluster/gathering.ts'
import type { Recruit } from '../../../harness/coordination/member.ts'
import { clusterSettings, type CoordinatorFlags } from '../../options/cluster-options.ts'
import { shippedJob } from './shipped-job.ts'
import type { WorkerJob } from '../workers/worker-job.ts'
import { asInputError, connectCluster } from './connected-cluster.ts'

/** Workers of a cluster that have accepted a run. */
export interface ClusterCrew {
  recruits: Recruit[]
  /** Returns what the workers run, without what only this machine may know. */
  shipped(job: WorkerJob): WorkerJob
  /** Frees everything that is kept for the run. Never rejects. */
  stop(): Promise<void>
}

export interface CrewOptions {
  runId: string
  version: string
  /** Number of workers. */
  wanted: number
  signal: AbortSignal
  /** Tells the user something, in a sentence. */
  tell: (note: string) => void
}

/** Time for a start to reach all workers before it. */
const LEAD_MS = 1000

/** Ships the scenario, and waits until as many workers as wanted have accepted the run. @throws InputError */
export async function gatherCrew(
  flags: CoordinatorFlags & { cluster: string },
  { bytes, sha256 }: ScenarioBundle,
  { runId, version, wanted, signal, tell }: CrewOptions,
): Promise<ClusterCrew> {
  const { clusterName, waitMs, lostAfterMs, mostBytes } = clusterSettings(flags)
  const name = `loadcell on ${hostname()}`
  const options = { clusterName, name, env: process.env, tell }
  const cluster = await connectCluster(flags, options).catch(error => {
    throw asInputError(error)
  })
  const { bus, store, subjects } = cluster
  try {
    const bundle = await store.put(`loadcell-${randomUUID()}`, bytes)
    try {
      const offer = { runId, bundle, sha256, mostBytes: 2 * mostBytes, lostAfterMs }
      const onJoined = (joined: readonly JoinedWorker[]) => tell(joinedSoFar(joined, wanted))
      const workers = await gather({
        bus,
        subjects,
        clock: systemClock,
        wanted,
        waitMs,
        version,
        offer,
        signal,
        onJoined,
      })
      return {
        recruits: workers.map(worker => recruitOf(worker, lostAfterMs)),
        shipped: shippedJob,
        async stop() {
          for (const { link } of workers) link.close()
          await Promise.all(workers.map(({ link }) => link.ended))
          await store.remove(bundle)
          await cluster.close()
        },
      }
    } catch (error) {
      await store.remove(bundle)
      throw error
    }
  } catch (error) {
    await cluster.close()
    throw asInputError(error)
  }
}

function recruitOf({ link, hello }: JoinedWorker, lostAfterMs: number): Recruit {
  return {
    link,
    name: hello.name,
    leadMs: LEAD_MS,
    // The link itself notices a worker that is gone.
    mostSilentSeconds: Math.ceil(lostAfterMs / 1000) + 1,
    kill: () => link.abandon('its coordinator has given it up'),
  }
}

function joinedSoFar(joined: readonly JoinedWorker[], wanted: number): string {
  const names = joined.map(({ hello }) => workerName(hello)).join(', ')
  return `${joined.length} of ${wanted} workers ${joined.length === 1 ? 'has' : 'have'} come: ${names}`
}
