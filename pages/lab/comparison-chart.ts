import { drawn, element } from '../widgets/element.ts'
import type { LabAttempt, LabDrawing, LabRow } from './lab-state.ts'
import { LabPlot } from './lab-plot.ts'

/** The numbers that are compared, with the mark of its line. */
const series = [
  { key: 'predicted', words: 'your prediction', mark: 'dashed' },
  { key: 'theory', words: 'the formula', mark: '' },
  { key: 'measured', words: 'measured', mark: 'dots' },
] as const

/** Headroom above the highest number. */
const ROOM = 1.05

/** Creates the chart of a curve: prediction, formula and measurement on the axes on which it was drawn. The table has its numbers. */
export function comparisonChart(drawing: LabDrawing, { rows, lines, top }: LabAttempt, index: number): HTMLElement {
  const points = drawing.points.map(point => ({ x: point.x, row: rows.find(row => row.measure === point.measure)! }))
  const valuesOf = (key: keyof Pick<LabRow, 'predicted' | 'theory' | 'measured'>) =>
    points.flatMap(({ x, row }) => (row[key] === undefined ? [] : [[x, row[key]] as const]))
  const plot = new LabPlot(drawing, () => {
    const marks = series.flatMap(({ key }) => {
      const values = valuesOf(key)
      const line = key === 'theory' ? lines[index]! : values
      const path = key === 'measured' ? [] : [drawn('path', { class: `series ${key}`, d: plot.path(line) })]
      return [...path, ...values.map(([x, y]) => markFor(key, plot.xAt(x), plot.yAt(y)))]
    })
    plot.marks.replaceChildren(...marks)
  })
  plot.top = Math.max(top, ROOM * Math.max(0, ...points.flatMap(({ row }) => [row.predicted ?? 0, row.measured])))
  plot.root.setAttribute('role', 'img')
  plot.root.setAttribute('aria-label', `${drawing.y.label}: prediction, formula and measurement, as in the table`)
  return element(
    'figure',
    { class: 'curve' },
    element('figcaption', {}, element('strong', {}, drawing.y.label)),
    plot.root,
  )
}

export function legend(hasPrediction: boolean): HTMLElement {
  return element(
    'ul',
    { class: 'legend' },
    ...series.flatMap(({ key, words, mark }) => {
      if (key === 'predicted' && !hasPrediction) return []
      return [element('li', {}, element('span', { class: `lab-mark ${key} ${mark}` }), words)]
    }),
  )
}

export function markFor(key: 'predicted' | 'theory' | 'measured', x: number, y: number): SVGElement {
  const at = { class: `mark-${key}` }
  if (key === 'predicted') return drawn('rect', { ...at, x: x - 5, y: y - 5, width: 10, height: 10 })
  if (key === 'measured') return drawn('circle', { ...at, cx: x, cy: y, r: 5.5 })
  return drawn('path', { ...at, d: `M${x - 8} ${y}H${x + 8}M${x} ${y - 8}V${y + 8}` })
}
