import { availableParallelism } from 'node:os'
import { mostWorkers, neededWorkers } from '../../../harness/plan/useful-workers.ts'
import type { Plan } from '../../../harness/plan/plan.ts'
import { InvalidArgumentError } from 'commander'
import { InputError } from '../../process/input-error.ts'

/** The number of workers as the command line gives it. */
export type WorkerCount = number | 'auto'

/** More processes than this are no help on any machine. */
const MOST_WORKERS = 256

/** Reads `auto` or a number. @throws InvalidArgumentError */
export function workerCount(text: string): WorkerCount {
  if (text === 'auto') return text
  const count = Number(text)
  if (/^\d+$/.test(text) && count >= 1 && count <= MOST_WORKERS) return count
  throw new InvalidArgumentError(`expected auto or an integer 1…${MOST_WORKERS}, got ${JSON.stringify(text)}`)
}

/** Returns the number of workers that run a plan on this machine. @throws InputError when some would have nothing to do */
export function chosenWorkers({ loads }: Plan, wanted: WorkerCount, cores = availableParallelism()): number {
  const most = mostWorkers(loads)
  if (wanted === 'auto') return Math.max(1, Math.min(neededWorkers(loads), most, cores - 1))
  if (wanted <= most) return wanted
  throw new InputError(
    `--workers ${wanted}: the load has users and arrivals for ${most} ${most === 1 ? 'worker' : 'workers'} only, and the others would have nothing to do`,
    most === 1 ? 'Leave --workers out.' : `Give at most ${most}, or auto.`,
  )
}
