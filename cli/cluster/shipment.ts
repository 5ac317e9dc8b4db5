import { resolve } from 'node:path'
import { LoadedModules } from '../../harness/bundle/loaded-modules.ts'
import { InputError } from '../input-error.ts'
import type { RunFlags } from '../run-plan.ts'
import type { ClusterCrew, CrewOptions } from './cluster-crew.ts'

/** Folders of Loadcell that every worker has. */
const own = ['calibration', 'cli', 'contract', 'core', 'harness', 'target'].map(folder =>
  resolve(import.meta.dirname, '../..', folder),
)

/** A scenario on its way to the workers of a cluster. It notes the modules that are loaded from its beginning on. */
export class Shipment {
  readonly #flags: RunFlags & { cluster: string }
  readonly #modules = new LoadedModules(own)

  private constructor(flags: RunFlags & { cluster: string }) {
    this.#flags = flags
  }

  /** @throws InputError without a number of workers */
  static begin(flags: RunFlags & { cluster: string }): Shipment {
    if (flags.workers === 'auto')
      throw new InputError('--cluster needs the number of workers', 'Give it, such as --workers 8.')
    return new Shipment(flags)
  }

  /** Ships the scenario to workers that take part. @throws InputError */
  async gather(path: string, options: Omit<CrewOptions, 'path' | 'modules'>): Promise<ClusterCrew> {
    this.#modules.close()
    // Loaded only when it is needed.
    const { gatherCrew } = await import('./cluster-crew.ts')
    return gatherCrew(this.#flags, { ...options, path, modules: this.#modules.paths })
  }
}
