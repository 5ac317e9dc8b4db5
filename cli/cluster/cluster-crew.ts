import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { systemClock } from '../../core/clock.ts'
import type { LoadedModules } from '../../harness/bundle/loaded-modules.ts'
import { bundleOf, type ScenarioBundle, UnshippableFile } from '../../harness/bundle/scenario-bundle.ts'
import { gather, type JoinedWorker } from '../../harness/cluster/gathering.ts'
import { dataFiles } from '../../harness/feeders/data-files.ts'
import { InputError } from '../input-error.ts'
import type { CoordinatorFlags } from './cluster-options.ts'
import { asInputError, connectCluster } from './connected-cluster.ts'

/** Workers of a cluster that have accepted a run. */
export interface ClusterCrew {
  workers: readonly JoinedWorker[]
  /** Frees everything that is kept for the run. Never rejects. */
  close(): Promise<void>
}

export interface CrewOptions {
  runId: string
  version: string
  /** Path of the scenario. */
  path: string
  modules: LoadedModules
  /** Number of workers. */
  wanted: number
  signal: AbortSignal
  /** Tells the user something, in a sentence. */
  tell: (note: string) => void
  onJoined(joined: readonly JoinedWorker[]): void
}

const MEBIBYTE = 2 ** 20

/** Folders of Loadcell that every worker has. */
const own = ['calibration', 'cli', 'contract', 'core', 'harness', 'target'].map(folder =>
  resolve(import.meta.dirname, '../..', folder),
)

/** Ships the scenario, and waits until as many workers as wanted have accepted the run. @throws InputError */
export async function gatherCrew(
  flags: CoordinatorFlags & { cluster: string },
  { runId, version, path, modules, wanted, signal, tell, onJoined }: CrewOptions,
): Promise<ClusterCrew> {
  const mostBytes = flags.bundleLimit * MEBIBYTE
  const { bytes, sha256 } = packed(flags, { path, modules: modules.paths, mostBytes })
  const name = `loadcell on ${hostname()}`
  const options = { clusterName: flags.clusterName, name, env: process.env, tell }
  const cluster = await connectCluster(flags, options).catch(error => {
    throw asInputError(error)
  })
  const { bus, store, subjects } = cluster
  try {
    const bundle = await store.put(`loadcell-${randomUUID()}`, bytes)
    const close = async () => {
      await store.remove(bundle)
      await cluster.close()
    }
    try {
      const offer = { runId, bundle, sha256, mostBytes: 2 * mostBytes, lostAfterMs: flags.clusterLostAfter }
      const waitMs = flags.clusterWait
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
      return { workers, close }
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

/** Returns a recorder of the modules that a scenario loads from now on. */
export function recordModules(Modules: typeof LoadedModules): LoadedModules {
  return new Modules(own)
}
