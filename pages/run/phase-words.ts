import type { RunFeedPhase } from '../run-feed.ts'

/** Words for each phase of a run. */
export const phaseWords: Record<RunFeedPhase, string> = {
  preparing: 'Preparing',
  gathering: 'Waiting for the workers of the cluster',
  setup: 'Setting up',
  warmup: 'Warming up; these numbers do not count',
  running: 'Running',
  paused: 'Paused: no iteration begins',
  stopping: 'Stopping: iterations that have begun may finish',
  teardown: 'Tearing down',
  reporting: 'Reading the ledger and writing the report',
  ended: 'Ended',
}

/** Phases in which the loads can be changed. */
export const changeable: ReadonlySet<RunFeedPhase> = new Set(['running', 'paused'])
