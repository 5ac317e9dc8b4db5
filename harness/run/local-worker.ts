import { inProcessLink } from '../bus/in-process-link.ts'
import type { Recruit } from '../coordination/member.ts'
import type { ToCoordinator, ToWorker } from '../coordination/messages.ts'
import type { Plan } from '../plan/plan.ts'
import { work, type WorkerOptions } from './worker.ts'

/** The worker of a run in one process, and its work, which rejects with a defect of the harness. */
export interface LocalWorker {
  recruits: Recruit[]
  working: Promise<void>
}

/** Starts a worker in this process. Its intervals are passed by reference. */
export function localWorker(plan: Plan, options: Omit<WorkerOptions, 'planOf' | 'exited' | 'place'>): LocalWorker {
  const [link, ofWorker] = inProcessLink<ToWorker, ToCoordinator>()
  const working = work(ofWorker, { ...options, planOf: () => plan })
  // It is awaited at the end of the run, and must not count as unhandled before.
  working.catch(() => {})
  return { recruits: [{ link, leadMs: 0 }], working }
}
