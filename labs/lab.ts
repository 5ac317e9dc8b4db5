import type { TrialOptions } from '../calibration/trial.ts'

/** Units of the numbers in a lab. A share is shown in per cent. */
export type LabUnit = 'ms' | 'per second' | 'count' | 'share' | 's'

/** Something that the learner may change before a run. */
export interface LabSetting {
  label: string
  unit: LabUnit
  /** Value of the first run. */
  value: number
  min: number
  max: number
}

/** A number that a run of the lab measures. */
export interface LabMeasure {
  label: string
  unit: LabUnit
  /** Asks the learner to predict it. Without a question it is only shown. */
  ask?: string
  /** Which end counted it. The target knows what truly happened. */
  from: 'target' | 'harness'
}

/** A curve that the learner draws before the run. Each of its points is a measure of the lab. */
export interface LabCurve<Measure extends string = string, Setting extends string = string> {
  /** Asks the learner to draw it. */
  ask: string
  x: { label: string; unit: LabUnit }
  y: { label: string; unit: LabUnit }
  /** Where each measure stands, from left to right. */
  points: readonly { measure: Measure; x: number }[]
  /** Whether the points stand at even distances, rather than where their numbers are. */
  isEven?: boolean
  /** Returns what the formula says between the points, for a smooth line. */
  formula?: (settings: LabValues<Setting>, x: number) => number
}

export type LabValues<Name extends string = string> = Readonly<Record<Name, number>>

/** A question that the numbers of the last run answer. */
export interface LabQuestion<Measure extends string = string, Setting extends string = string> {
  ask: string
  options: readonly string[]
  /** Returns the index of the right option. */
  answer: (measured: LabValues<Measure>, settings: LabValues<Setting>) => number
  /** Why it is right. */
  because: string
}

/** A lesson in which the learner predicts a number, runs a load, and compares the prediction with theory and measurement. */
export interface Lab<Measure extends string = string, Setting extends string = string> {
  name: string
  title: string
  /** Paragraphs that the learner reads before the run. */
  story: readonly string[]
  settings: Readonly<Record<Setting, LabSetting>>
  measures: Readonly<Record<Measure, LabMeasure>>
  /** Curves to draw; their measures have no question of their own. */
  curves?: readonly LabCurve<NoInfer<Measure>, NoInfer<Setting>>[]
  /** How many loads a run measures, one after another. Default: one. */
  loads?: number
  /** Returns what a formula says; nothing for measures without one. */
  theory?: (settings: LabValues<NoInfer<Setting>>) => Partial<LabValues<NoInfer<Measure>>>
  run: (bench: LabBench, settings: LabValues<NoInfer<Setting>>) => Promise<LabValues<NoInfer<Measure>>>
  question: LabQuestion<NoInfer<Measure>, NoInfer<Setting>>
  /** A change for another run, as a sentence. */
  next: string
}

/** The target and environment of a lab. The same seed gives a whole class the same run. */
export type LabBench = TrialOptions

/** Returns the lab, with its names checked against each other. */
export function lab<Measure extends string, Setting extends string>(definition: Lab<Measure, Setting>): Lab {
  return definition
}
