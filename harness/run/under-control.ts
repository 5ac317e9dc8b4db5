import type { ControlledRun } from '../live-control/controlled-run.ts'
import type { Rig } from './rig.ts'

/** Lets a run take commands for its loads from now on, all of which this process drives. */
export function putUnderControl(rig: Rig, controls: ControlledRun): void {
  const { startedAt, loads, marks } = rig
  const { clock, stopping } = rig.execution
  controls.begin({
    clock,
    startedAt,
    loads: loads.map(({ load }) => load),
    workers: 1,
    leadMs: 0,
    change(change) {
      for (const { load, execution } of loads)
        if (change.load === undefined || change.load === load.name) execution.steering.change(change)
    },
    mark: mark => marks.push(mark),
    isEnding: () => stopping.aborted,
    isOver: load => loads.find(driven => driven.load === load)?.execution.tally.endedAt !== undefined,
  })
}
