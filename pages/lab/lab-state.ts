/** The list of all labs, for its page. */
export interface LabListState {
  /** Name on the worksheets. */
  learner: string
  labs: LabEntry[]
  /** Worksheets that could not be read, or that were too many. */
  note?: string
}

export interface LabEntry {
  name: string
  title: string
  isRunning: boolean
  /** Absent until the first run. */
  done?: LabDone
}

/** The work of a learner on one lab, by the worksheets. */
export interface LabDone {
  runs: number
  /** Predictions of all runs, and how many of them were right or near. */
  predictions: number
  right: number
  near: number
  /** Absent if the question was not answered. */
  isRight?: boolean
}

/** A lab as its page shows it. Formulas and answers come only with the run and the answer of the learner. */
export interface LabState {
  name: string
  /** From 1, in the order of the course. */
  number: number
  title: string
  learner: string
  seed: number
  story: readonly string[]
  stage: 'predict' | 'run' | 'compare'
  settings: LabField[]
  /** Numbers to predict. */
  asked: LabField[]
  curves: LabDrawing[]
  /** How many loads a run measures. */
  loads: number
  attempts: LabAttempt[]
  progress?: { load: number; elapsedMs: number; plannedMs: number; requests: number; requestsPerSecond: number }
  question: { ask: string; options: readonly string[] }
  verdict?: { chosen?: number; right: number; because: string; next: string }
  /** Why the last run has no numbers. */
  failure?: string
  /** Where the worksheet is. */
  file?: string
  /** Labs before and after it. */
  previous?: string
  following?: string
}

/** A number that the learner writes. */
export interface LabField {
  name: string
  label: string
  /** In which it is written: `ms`, `%`, `per second`; empty for counts. */
  unit: string
  /** Written now. */
  text: string
  /** Range of a setting, in words. */
  range?: string
}

/** Axes on which the learner draws, and the points of the curve. */
export interface LabDrawing {
  ask: string
  x: { label: string }
  y: { label: string; unit: string }
  points: LabPoint[]
  /** Whether the points stand at even distances. */
  isEven: boolean
  /** Top of the axis, in its unit. */
  top: number
}

export interface LabPoint {
  measure: string
  x: number
  /** How x is written. */
  label: string
}

/** A run that is over. */
export interface LabAttempt {
  settings: LabField[]
  rows: LabRow[]
  /** The formula of each curve, in the unit of its axis. */
  lines: (readonly [x: number, y: number])[][]
  /** Top of the axis of the curves. */
  top: number
  /** Why the numbers cannot be trusted. */
  doubt?: string
}

/** One measure: numbers for drawing, and texts for reading. Absent numbers have the text ''. */
export interface LabRow {
  measure: string
  label: string
  from: 'target' | 'harness'
  predicted?: number
  theory?: number
  measured: number
  texts: { predicted: string; theory: string; measured: string }
  grade: string
  nearness?: 'right' | 'near' | 'off'
}

/** A request of the page to the server. */
export type LabAction =
  | { type: 'run'; settings: Record<string, string>; predictions: Record<string, string> }
  | { type: 'change'; settings: Record<string, string> }
  | { type: 'answer'; option: number }
  | { type: 'stop' }
  | { type: 'again' }
  | { type: 'rename'; learner: string }
