import type { LabAttempt, LabDrawing, LabField, LabState } from '../pages/lab/lab-state.ts'
import { labs } from './course.ts'
import { linesOf, topOfCurves } from './curve.ts'
import type { Attempt } from './grade.ts'
import type { Lab, LabUnit, LabValues } from './lab.ts'
import { symbolOf } from './lab-input.ts'
import { attemptRows, doubtText, formatLabValue } from './lab-text.ts'
import type { LabSession } from './session.ts'

/** Things that the page knows besides the session. */
export interface LabPlace {
  seed: number
  failure?: string | undefined
  file?: string | undefined
}

/** Returns the state of a session for its page. It has no formula before a run, and no right answer before the learner has answered. */
export function labStateOf(session: LabSession, { seed, failure, file }: LabPlace): LabState {
  const { lab, stage, settings, attempts, progress, verdict, learner } = session
  const { name, title, story, measures, loads = 1, question, next } = lab
  const index = labs.findIndex(each => each.name === name)
  const [previous, following] = [labs[index - 1]?.name, labs[index + 1]?.name]
  return {
    name,
    number: index + 1,
    title,
    learner,
    seed,
    story,
    stage,
    settings: fieldsOf(lab, settings),
    asked: Object.entries(measures).flatMap(([measure, { ask, unit }]) =>
      ask === undefined ? [] : [{ name: measure, label: ask, unit: shortUnit(unit), text: '' }],
    ),
    curves: drawingsOf(lab, settings),
    loads,
    attempts: attempts.map(attempt => attemptOf(lab, attempt)),
    question: { ask: question.ask, options: question.options },
    ...(progress !== undefined && { progress }),
    ...(verdict !== undefined && { verdict: { ...verdict, because: question.because, next } }),
    ...(failure !== undefined && { failure }),
    ...(file !== undefined && { file }),
    ...(previous !== undefined && { previous }),
    ...(following !== undefined && { following }),
  }
}

function fieldsOf({ settings }: Lab, values: LabValues): LabField[] {
  return Object.entries(settings).map(([name, { label, unit, min, max }]) => ({
    name,
    label,
    unit: shortUnit(unit),
    text: writtenValue(values[name]!, unit),
    range: `${formatLabValue(min, unit)} to ${formatLabValue(max, unit)}`,
  }))
}

/** A count has no unit that a learner would write. */
function shortUnit(unit: LabUnit): string {
  return unit === 'count' ? '' : symbolOf(unit)
}

/** Returns a number as the learner would write it, so that it is read as the same number again. */
function writtenValue(value: number, unit: LabUnit): string {
  return unit === 'share' ? `${Number((100 * value).toPrecision(12))} %` : String(value)
}

function drawingsOf(lab: Lab, settings: LabValues): LabDrawing[] {
  const top = topOfCurves(lab, settings)
  return (lab.curves ?? []).map(({ ask, x, y, points, isEven = false }) => ({
    ask,
    x: { label: x.label },
    y: { label: y.label, unit: shortUnit(y.unit) },
    points: points.map(point => ({ ...point, label: formatLabValue(point.x, x.unit) })),
    isEven,
    top: inUnit(top, y.unit),
  }))
}

function attemptOf(lab: Lab, attempt: Attempt): LabAttempt {
  const { settings, measures } = attempt
  const rows = attemptRows(attempt)
  const { curves = [] } = lab
  const doubt = doubtText(attempt, lab)
  return {
    settings: fieldsOf(lab, settings),
    rows: measures.map(({ measure, label, unit, from, measured, theory, predicted, nearness }, index) => {
      const [, inWords = '', formula = '', shown = '', , grade = ''] = rows[index]!
      return {
        measure,
        label,
        from,
        measured: inUnit(measured, unit),
        ...(theory !== undefined && { theory: inUnit(theory, unit) }),
        ...(predicted !== undefined && { predicted: inUnit(predicted, unit) }),
        ...(nearness !== undefined && { nearness }),
        texts: { predicted: inWords, theory: formula, measured: shown },
        grade,
      }
    }),
    lines: linesOf(lab, settings).map((line, index) => line.map(([x, y]) => [x, inUnit(y, curves[index]!.y.unit)])),
    top: inUnit(topOfCurves(lab, settings), curves[0]?.y.unit ?? 'count'),
    ...(doubt !== undefined && { doubt }),
  }
}

/** Shares are drawn in per cent, as they are written. */
function inUnit(value: number, unit: LabUnit): number {
  return unit === 'share' ? 100 * value : value
}
