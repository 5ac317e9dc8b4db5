import { type Attempt, gradeAttempt } from './grade.ts'
import type { Lab, LabValues } from './lab.ts'
import { LabInputError, readPredictions, readSettings } from './lab-input.ts'
import type { LabProgress } from './progress.ts'
import type { Worksheet } from './worksheet.ts'

/** Runs a lab with these settings, on a target without other clients. */
export type LabRunner = (
  lab: Lab,
  settings: LabValues,
  watch: { tell: (progress: LabProgress) => void; doubt: (load: number) => void; stop: AbortSignal },
) => Promise<LabValues>

export interface LabSessionOptions {
  run: LabRunner
  seed: number
  version: string
  /** Name on the worksheet. */
  learner: string
  /** Settings of the first run, as texts; the others have their defaults. */
  settings?: Readonly<Record<string, string>>
}

const MOST_ATTEMPTS = 100

/**
 * The next step: the learner predicts, a load runs, or the learner compares the numbers of the run and answers the question.
 */
export type LabStage = 'predict' | 'run' | 'compare'

/** The answer to the question of a lab. Numbers of options count from 1. */
export interface LabVerdict {
  /** Absent if the learner did not choose. */
  chosen?: number
  right: number
}

/**
 * A learner works through a lab. It knows neither a terminal nor a page: both call the same steps, so their worksheets cannot
 * differ. A step that the stage does not allow throws a LabInputError, and changes nothing.
 */
export class LabSession {
  readonly lab: Lab
  /** Name on the worksheet. */
  learner: string
  readonly attempts: Attempt[] = []
  readonly #options: LabSessionOptions
  readonly #listeners = new Set<() => void>()
  #settings: LabValues
  #stage: LabStage = 'predict'
  #last: { measured: LabValues; settings: LabValues } | undefined
  #progress: LabProgress | undefined
  #verdict: LabVerdict | undefined
  #running: AbortController | undefined

  /** @throws LabInputError for settings that cannot be used */
  constructor(lab: Lab, options: LabSessionOptions) {
    this.lab = lab
    this.learner = options.learner
    this.#options = options
    this.#settings = readSettings(lab, options.settings ?? {})
  }

  get stage(): LabStage {
    return this.#stage
  }

  /** Settings of the next run, or of the one that is shown. */
  get settings(): LabValues {
    return this.#settings
  }

  /** Progress of the run under way. */
  get progress(): LabProgress | undefined {
    return this.#progress
  }

  get verdict(): LabVerdict | undefined {
    return this.#verdict
  }

  /** Calls `listener` after each change. @returns how to stop that */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Changes settings, for a first or another run. @throws LabInputError */
  change(texts: Readonly<Record<string, string>>): void {
    this.#expectNoRun()
    this.#settings = readSettings(this.lab, texts, this.#settings)
    this.#stage = 'predict'
    this.#changed()
  }

  /**
   * Runs the load, and grades the predictions.
   * @param predictions texts of the learner by measure; those that are missing are not graded
   * @throws LabInputError for a prediction that is no number, and whatever the run throws
   */
  async run(predictions: Readonly<Record<string, string>>): Promise<Attempt> {
    this.#expectNoRun()
    if (this.attempts.length >= MOST_ATTEMPTS) {
      throw new LabInputError(`a worksheet holds at most ${MOST_ATTEMPTS} runs: begin again with a new one`)
    }
    const predicted = readPredictions(this.lab, predictions)
    const settings = this.#settings
    const stageBefore = this.#stage
    const running = new AbortController()
    this.#running = running
    this.#stage = 'run'
    this.#changed()
    try {
      const tell = (progress: LabProgress) => {
        this.#progress = progress
        this.#changed()
      }
      const doubtful: number[] = []
      const watch = { tell, doubt: (load: number) => void doubtful.push(load), stop: running.signal }
      const measured = await this.#options.run(this.lab, settings, watch)
      const graded = gradeAttempt(this.lab, settings, predicted, measured)
      const attempt = doubtful.length === 0 ? graded : { ...graded, doubtful }
      this.attempts.push(attempt)
      this.#last = { measured, settings }
      this.#stage = 'compare'
      return attempt
    } catch (error) {
      this.#stage = stageBefore
      throw error
    } finally {
      this.#running = undefined
      this.#progress = undefined
      this.#changed()
    }
  }

  /** Ends the run under way. Nothing of it is kept. */
  stop(reason: Error): void {
    this.#running?.abort(reason)
  }

  /**
   * Answers the question from the numbers of the last run. The first answer counts.
   * @param chosen number of the option; undefined shows the right one without an answer
   * @throws LabInputError
   */
  answer(chosen: number | undefined): LabVerdict {
    this.#expectNoRun()
    const { options, answer } = this.lab.question
    if (this.#last === undefined) throw new LabInputError('the numbers of a run answer the question: run the lab first')
    if (this.#verdict !== undefined)
      throw new LabInputError('the question is answered already; the first answer counts')
    if (chosen !== undefined && options[chosen - 1] === undefined) {
      throw new LabInputError(`expected an answer from 1 to ${options.length}, got ${chosen}`)
    }
    const right = answer(this.#last.measured, this.#last.settings) + 1
    this.#verdict = { right, ...(chosen !== undefined && { chosen }) }
    this.#changed()
    return this.#verdict
  }

  /** Returns what the learner did so far, for the teacher. */
  worksheet(): Worksheet {
    const { seed, version } = this.#options
    const { chosen, right } = this.#verdict ?? {}
    return {
      format: 'loadcell.lab/1',
      lab: this.lab.name,
      learner: this.learner,
      version,
      seed,
      attempts: this.attempts,
      ...(chosen !== undefined && {
        question: { answer: this.lab.question.options[chosen - 1]!, isRight: chosen === right },
      }),
    }
  }

  #expectNoRun(): void {
    if (this.#stage === 'run') throw new LabInputError('a run is under way: wait for its end, or stop it')
  }

  #changed(): void {
    for (const listener of this.#listeners) listener()
  }
}
