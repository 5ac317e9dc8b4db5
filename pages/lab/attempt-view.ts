import { drawn, element } from '../widgets/element.ts'
import { comparisonChart, legend, markFor } from './comparison-chart.ts'
import type { LabAttempt, LabDrawing, LabRow } from './lab-state.ts'

const STRIP = { width: 150, height: 18, inset: 8 }

/** Creates what a run has shown: prediction, formula and measurement together, as charts and as a table. */
export function attemptView(attempt: LabAttempt, curves: readonly LabDrawing[], number: number): HTMLElement {
  const { settings, rows, doubt } = attempt
  const setting = settings.map(({ label, text, unit }) => `${label} ${withUnit(text, unit)}`).join(', ')
  const hasPrediction = rows.some(({ predicted }) => predicted !== undefined)
  const titles = ['', ...(hasPrediction ? ['you predicted'] : []), 'by the formula', 'measured', 'counted by']
  return element(
    'div',
    { class: 'attempt', 'data-attempt': number },
    element('p', { class: 'muted' }, `Run ${number}: ${setting}.`),
    doubt === undefined ? undefined : element('p', { class: 'doubt' }, `! ${doubt}`),
    legend(hasPrediction),
    element('div', { class: 'charts' }, ...curves.map((curve, index) => comparisonChart(curve, attempt, index))),
    element(
      'div',
      { class: 'table', tabindex: '0', role: 'region', 'aria-label': `Numbers of run ${number}` },
      element(
        'table',
        {},
        element('caption', {}, `Numbers of run ${number}`),
        element(
          'thead',
          {},
          element(
            'tr',
            {},
            ...titles.map(title => element('th', { scope: 'col' }, title === '' ? unseen('Number') : title)),
            element('th', { scope: 'col', class: 'text' }, hasPrediction ? 'your prediction' : unseen('On a line')),
          ),
        ),
        element('tbody', {}, ...rows.map(row => rowOf(row, hasPrediction))),
      ),
    ),
  )
}

function unseen(text: string): HTMLElement {
  return element('span', { class: 'unseen' }, text)
}

function withUnit(text: string, unit: string): string {
  return unit === '' || text.includes(unit) ? text : `${text} ${unit}`
}

function rowOf(row: LabRow, hasPrediction: boolean): HTMLElement {
  const { measure, label, from, texts, grade, nearness = '' } = row
  return element(
    'tr',
    { 'data-measure': measure },
    element('th', { scope: 'row' }, label),
    ...(hasPrediction ? [element('td', {}, texts.predicted)] : []),
    element('td', {}, texts.theory),
    element('td', { class: 'measured' }, texts.measured),
    element('td', {}, from),
    element('td', { class: 'text' }, stripOf(row), ' ', element('span', { class: `grade ${nearness}` }, grade)),
  )
}

/** Creates the three numbers on a line that begins at zero. */
function stripOf({ predicted, theory, measured }: LabRow): SVGElement {
  const { width, height, inset } = STRIP
  const highest = Math.max(predicted ?? 0, theory ?? 0, measured) || 1
  const xAt = (value: number) => inset + (value / highest) * (width - 2 * inset)
  const numbers = [
    ['theory', theory],
    ['predicted', predicted],
    ['measured', measured],
  ] as const
  return drawn(
    'svg',
    { class: 'strip', width, height, 'aria-hidden': 'true' },
    drawn('line', { class: 'grid', x1: inset, x2: width - inset, y1: height / 2, y2: height / 2 }),
    ...numbers.flatMap(([key, value]) => (value === undefined ? [] : [markFor(key, xAt(value), height / 2)])),
  )
}
