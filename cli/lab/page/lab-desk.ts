import { courseProgress } from '../../../labs/course-progress.ts'
import { labs } from '../../../labs/course.ts'
import { LabInputError } from '../../../labs/lab-input.ts'
import { labStateOf } from '../../../labs/page-state.ts'
import { type LabRunner, LabSession } from '../../../labs/session.ts'
import type { LabAction, LabListState, LabState } from '../../../pages/lab/lab-state.ts'
import { findWorksheets, type FoundWorksheets, rewriteWorksheet, writeWorksheet } from '../worksheet-file.ts'

export interface LabDeskOptions {
  run: LabRunner
  seed: number
  version: string
  learner: string
  /** The lab for which the command was given settings or a file. */
  first?: { name: string; settings: Readonly<Record<string, string>>; file: string | undefined }
  /** Folder of the worksheets; default: the one that the command uses. */
  folder?: string
  /** Called with the path of each new worksheet. */
  onWorksheet: (path: string) => void
}

/** A session and its state. */
interface OpenLab {
  session: LabSession
  failure?: string
  file?: string
}

/**
 * The labs of one learner on a page: a session for each lab that was opened, one run at a time, and a worksheet that is written after
 * each run and answer.
 */
export class LabDesk {
  readonly #options: LabDeskOptions
  readonly #open = new Map<string, OpenLab>()
  readonly #listeners = new Set<(lab: string) => void>()
  #learner: string
  #found: FoundWorksheets
  /** The file that the command was given has its worksheet. */
  #hasWritten = false

  /** @throws LabInputError for settings of the first lab that cannot be used */
  constructor(options: LabDeskOptions) {
    this.#options = options
    this.#learner = options.learner
    this.#found = findWorksheets(options.folder)
    if (options.first !== undefined) this.#begin(options.first.name)
  }

  /** Calls `listener` with the lab that has changed. */
  subscribe(listener: (lab: string) => void): void {
    this.#listeners.add(listener)
  }

  has(name: string): boolean {
    return labs.some(lab => lab.name === name)
  }

  list(): LabListState {
    const { worksheets, unreadable } = this.#found
    const progress = courseProgress(worksheets.filter(({ learner }) => learner === this.#learner))
    return {
      learner: this.#learner,
      labs: labs.map(({ name, title }) => {
        const done = progress.get(name)
        const isRunning = this.#open.get(name)?.session.stage === 'run'
        return { name, title, isRunning, ...(done !== undefined && { done }) }
      }),
      ...(unreadable > 0 && { note: `Files in the folder of the worksheets that are not worksheets: ${unreadable}` }),
    }
  }

  state(name: string): LabState {
    const { session, failure, file } = this.#opened(name)
    return labStateOf(session, { seed: this.#options.seed, failure, file })
  }

  /** Does what the page asks. A run goes on after this has returned. @throws LabInputError */
  async act(name: string, action: LabAction): Promise<void> {
    const open = this.#opened(name)
    const { session } = open
    switch (action.type) {
      case 'run':
        this.#expectNoOtherRun(name)
        session.change(action.settings)
        return this.#run(open, action.predictions)
      case 'change':
        return session.change(action.settings)
      case 'answer':
        session.answer(action.option)
        return this.#keep(open)
      case 'stop':
        return session.stop(new LabInputError('the run was stopped; nothing of it is kept'))
      case 'again':
        if (session.stage === 'run') throw new LabInputError('a run is under way: wait for its end, or stop it')
        this.#begin(name)
        return this.#changed(name)
      case 'rename':
        return this.#rename(action.learner)
    }
  }

  async #run(open: OpenLab, predictions: Readonly<Record<string, string>>): Promise<void> {
    const { session } = open
    delete open.failure
    const running = session.run(predictions)
    // It refuses what it cannot use before it begins.
    if (session.stage !== 'run') await running
    void running.then(
      () => this.#keep(open),
      (error: Error) => {
        open.failure = `There are no numbers: ${error.message}`
        this.#changed(session.lab.name)
      },
    )
  }

  #opened(name: string): OpenLab {
    return this.#open.get(name) ?? this.#begin(name)
  }

  #begin(name: string): OpenLab {
    const lab = labs.find(lab => lab.name === name)
    if (lab === undefined) throw new LabInputError(`there is no lab ${JSON.stringify(name)}`)
    const { run, seed, version, first } = this.#options
    const settings = first?.name === name ? first.settings : {}
    const open = { session: new LabSession(lab, { run, seed, version, learner: this.#learner, settings }) }
    open.session.subscribe(() => this.#changed(name))
    this.#open.set(name, open)
    return open
  }

  #rename(learner: string): void {
    this.#learner = learner
    for (const [name, open] of this.#open) {
      open.session.learner = learner
      if (open.file !== undefined) this.#keep(open)
      else this.#changed(name)
    }
  }

  /** Writes the worksheet: a new one at first, and the same one later. */
  #keep(open: OpenLab): void {
    const { session } = open
    const { first, folder, onWorksheet } = this.#options
    try {
      if (open.file === undefined) {
        // A learner who begins again keeps the worksheet of before.
        const wanted = first?.name === session.lab.name && !this.#hasWritten ? first.file : undefined
        open.file = writeWorksheet(session.worksheet(), wanted, folder)
        this.#hasWritten ||= wanted !== undefined
        onWorksheet(open.file)
      } else rewriteWorksheet(session.worksheet(), open.file)
    } catch (error) {
      open.failure = (error as Error).message
    }
    this.#found = findWorksheets(folder)
    this.#changed(session.lab.name)
  }

  #expectNoOtherRun(name: string): void {
    for (const { session } of this.#open.values()) {
      if (session.stage !== 'run' || session.lab.name === name) continue
      throw new LabInputError(`the lab ${session.lab.name} is running: two runs would change each other's numbers`)
    }
  }

  #changed(lab: string): void {
    for (const listener of this.#listeners) listener(lab)
  }
}
