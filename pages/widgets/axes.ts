import type uPlot from 'uplot'
import { number } from './quantity.ts'
import { color } from './theme.ts'

const WHOLE_STEPS = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000].flatMap(ten => [ten, 2 * ten, 5 * ten])

/** Returns how the axes of all charts look. */
export function axisLook(): uPlot.Axis {
  return { stroke: color('muted'), grid: { stroke: color('line'), width: 1 }, ticks: { show: false } }
}

/** Returns an axis of values. @param isCount the values are numbers of things, of which there is no half */
export function valueAxis(isCount = false): uPlot.Axis {
  return {
    ...axisLook(),
    size: 58,
    ...(isCount && { incrs: WHOLE_STEPS }),
    values: (_, splits) => splits.map(split => (split === null ? '' : number(split))),
  }
}
