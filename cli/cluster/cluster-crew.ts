import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { systemClock } from '../../core/clock.ts'
import { bundleOf, type ScenarioBundle, UnshippableFile } from '../../harness/bundle/scenario-bundle.ts'
import { gather, type JoinedWorker, workerName } from '../../harness/cluster/gathering.ts'
import type { Recruit } from '../../harness/coordination/member.ts'
import { dataFiles } from '../../harness/feeders/data-files.ts'
import { InputError } from '../input-error.ts'
import type { CoordinatorFlags } from './cluster-options.ts'
import { shippedJob } from './shipped-job.ts'
import type { WorkerJob } from '../worker-job.ts'
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
  /** Path of the scenario. */
  path: string
  /** Modules that it has loaded. */
  modules: readonly string[]
  /** Number of workers. */
  wanted: number
  signal: AbortSignal
  /** Tells the user something, in a sentence. */
  tell: (note: string) => void
}

const MEBIBYTE = 2 ** 20
/** Time for a start to reach all workers before it. */
const LEAD_MS = 1000

/** Ships the scenario, and waits until as many workers as wanted have accepted the run. @throws InputError */
export async function gatherCrew(
  flags: CoordinatorFlags & { cluster: string },
  { runId, version, path, modules, wanted, signal, tell }: CrewOptions,
): Promise<ClusterCrew> {
  const mostBytes = flags.bundleLimit * MEBIBYTE
  const { bytes, sha256 } = packed(flags, { path, modules, mostBytes })
  const name = `loadcell on ${hostname()}`
  const options = { clusterName: flags.clusterName, name, env: process.env, tell }
  const cluster = await connectCluster(flags, options).catch(error => {
    throw asInputError(error)
  })
  const { bus, store, subjects } = cluster
  try {
    const bundle = await store.put(`loadcell-${randomUUID()}`, bytes)
    try {
      const offer = { runId, bundle, sha256, mostBytes: 2 * mostBytes, lostAfterMs: flags.clusterLostAfter }
      const waitMs = flags.clusterWait
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
        recruits: workers.map(worker => recruitOf(worker, flags.clusterLostAfter)),
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

function packed(
  { ship }: CoordinatorFlags,
  { path, modules, mostBytes }: { path: string; modules: readonly string[]; mostBytes: number },
): ScenarioBundle {
  try {
    const folder = process.cwd()
    return bundleOf({ entry: path, modules, data: dataFiles.paths, more: ship, folder, mostBytes })
  } catch (error) {
    if (!(error instanceof UnshippableFile)) throw error
    throw new InputError(error.message, 'A scenario ships its modules, the files that it reads, and what --ship names.')
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
