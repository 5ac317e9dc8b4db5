import { isOpen, type LoadPlan, peakOf } from '../load/plan.ts'
import { MOST_PER_SECOND, MOST_USERS } from '../plan/read-load.ts'
import type { ScaleSize } from './control-command.ts'

/** A command that cannot be carried out. */
export interface ScaleRefusal {
  reason: string
  nextStep?: string
}

/**
 * Returns by how much the plan of a load is multiplied to get a size, or why that is impossible.
 * @param workers number of workers that share the load
 */
export function scaleFactor(load: LoadPlan, size: ScaleSize, workers: number): number | ScaleRefusal {
  if ('users' in size && isOpen(load)) {
    const nextStep = 'Give --rate or --factor.'
    return { reason: `${load.executor} is driven by arrivals, not by a number of users`, nextStep }
  }
  if ('rate' in size && !isOpen(load))
    return { reason: `${load.executor} is driven by users, not by a rate`, nextStep: 'Give --users or --factor.' }
  if ('stages' in load && !('factor' in size)) {
    const what = isOpen(load) ? 'rate' : 'number of users'
    return {
      reason: `the ${what} of ${load.executor} changes by its schedule`,
      nextStep: 'Give --factor, which multiplies the rest of the schedule.',
    }
  }
  const factor = factorOf(load, size)
  const peak = factor * peakOf(load)
  const most = isOpen(load) ? MOST_PER_SECOND : MOST_USERS
  if (peak > most)
    return { reason: `expected at most ${most} ${isOpen(load) ? 'iterations per second' : 'users'}, got ${peak}` }
  if ('iterations' in load) return budgetFactor(load.executor, factor, { users: Math.round(peak), workers })
  return factor
}

function factorOf(load: LoadPlan, size: ScaleSize): number {
  if ('factor' in size) return size.factor
  if ('users' in size) return size.users / peakOf(load)
  return (size.rate * 1000) / ('timeUnitMs' in load ? load.timeUnitMs : 1000) / peakOf(load)
}

/** A worker whose users have no iterations left has ended, and cannot take more users. */
function budgetFactor(
  executor: string,
  factor: number,
  { users, workers }: { users: number; workers: number },
): number | ScaleRefusal {
  if (workers > 1) return { reason: `${executor} cannot be scaled in a run of several workers` }
  if (users < 1) return { reason: `${executor} needs at least one user`, nextStep: '`pause` lets its users wait.' }
  return factor
}
