import type { ControlledRun } from '../live-control/controlled-run.ts'
import type { Plan } from '../plan/plan.ts'
import type { Crew } from './crew.ts'
import type { Ending } from './ending.ts'
import type { Gathered } from './gathered.ts'

interface LoadsUnderWay {
  plan: Plan
  crew: Crew
  gathered: Gathered
  ending: Ending
}

/** Lets a run take commands for its loads from now on, and passes them on to all workers. */
export function putUnderControl(controls: ControlledRun, { plan, crew, gathered, ending }: LoadsUnderWay): void {
  const { clock, startedAt, marks } = gathered
  controls.begin({
    clock,
    startedAt,
    loads: plan.loads,
    workers: crew.members.length,
    leadMs: crew.leadMs,
    change: change => crew.change(change),
    mark: mark => marks.push(mark),
    isEnding: () => ending.stopping.aborted,
    isOver: ({ name }) => name !== undefined && gathered.load(name).isOver,
  })
}
