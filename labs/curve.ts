import type { Lab, LabValues } from './lab.ts'

/** Room above the highest point of the formula, so that a curve can be drawn too high. */
const ROOM = 1.6
const LINE_POINTS = 60

/** Returns the top of the axis on which the learner draws: the same for all curves of a lab. It tells little of the formula, because it is a round number. */
export function topOfCurves({ curves = [], theory }: Lab, settings: LabValues): number {
  const formulas = theory?.(settings) ?? {}
  const values = curves.flatMap(({ points }) => points.map(({ measure }) => formulas[measure] ?? 0))
  return roundUp(ROOM * Math.max(...values.filter(Number.isFinite)))
}

/** Returns the next 1, 2 or 5 times a power of ten. */
function roundUp(value: number): number {
  if (!(value > 0)) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  return ([1, 2, 5].find(step => step * power >= value) ?? 10) * power
}

/** Returns the line of the formula of each curve, also between its points. */
export function linesOf({ curves = [], theory }: Lab, settings: LabValues): [x: number, y: number][][] {
  const formulas = theory?.(settings) ?? {}
  return curves.map(({ points, formula }) => {
    if (formula === undefined)
      return points.flatMap(({ measure, x }) => (formulas[measure] === undefined ? [] : [[x, formulas[measure]]]))
    const from = points[0]?.x ?? 0
    const step = ((points.at(-1)?.x ?? 0) - from) / LINE_POINTS
    return Array.from({ length: LINE_POINTS + 1 }, (_, index) => {
      const x = from + index * step
      return [x, formula(settings, x)]
    })
  })
}
