import { resolve } from 'node:path'
import { LoadedModules } from '../../../harness/bundle/loaded-modules.ts'
import { bundleOf, type ScenarioBundle, UnshippableFile } from '../../../harness/bundle/scenario-bundle.ts'
import { dataFiles } from '../../../harness/feeders/data-files.ts'
import { clusterSettings } from '../../options/cluster-options.ts'
import { InputError } from '../../process/input-error.ts'
import type { RunFlags } from '../plan/run-flags.ts'
import type { ClusterCrew, CrewOptions } from './cluster-crew.ts'

/** Folders of Loadcell that every worker has. */
const own = ['calibration', 'cli', 'contract', 'core', 'harness', 'target'].map(folder =>
  resolve(import.meta.dirname, '../../..', folder),
)

/** A scenario on its way to the workers of a cluster. It notes the modules that are loaded from its beginning on. */
export class Shipment {
  readonly #flags: RunFlags & { cluster: string }
  readonly #modules = new LoadedModules(own)
  #bundle: ScenarioBundle | undefined

  private constructor(flags: RunFlags & { cluster: string }) {
    this.#flags = flags
  }

  /** @throws InputError without a number of workers */
  static begin(flags: RunFlags & { cluster: string }): Shipment {
    if (flags.workers === undefined || flags.workers === 'auto')
      throw new InputError('--cluster needs the number of workers', 'Give it, such as --workers 8.')
    return new Shipment(flags)
  }

  /** Packs the scenario once it is loaded. @throws InputError */
  pack(path: string): void {
    this.#modules.close()
    const { ship } = this.#flags
    const { mostBytes } = clusterSettings(this.#flags)
    const sources = { modules: this.#modules.paths, data: dataFiles.paths, more: ship, folder: process.cwd() }
    try {
      this.#bundle = bundleOf({ entry: path, ...sources, mostBytes })
    } catch (error) {
      if (!(error instanceof UnshippableFile)) throw error
      throw new InputError(
        error.message,
        'A scenario ships its modules, the files that it reads, and what --ship names.',
      )
    }
  }

  /** Ships the scenario, which is packed, to workers that take part. @throws InputError */
  async gather(options: CrewOptions): Promise<ClusterCrew> {
    // Loaded only when it is needed.
    const { gatherCrew } = await import('./cluster-crew.ts')
    return gatherCrew(this.#flags, this.#bundle!, options)
  }
}
