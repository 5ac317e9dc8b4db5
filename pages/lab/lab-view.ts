import { element, write } from '../widgets/element.ts'
import type { FeedStatus } from '../widgets/feed-status.ts'
import { askServer } from './ask-server.ts'
import { attemptView } from './attempt-view.ts'
import type { LabAction, LabAttempt, LabState } from './lab-state.ts'
import { PredictionForm } from './prediction-form.ts'
import { QuestionView } from './question-view.ts'
import { RunProgress } from './run-progress.ts'
import { WorksheetView } from './worksheet-view.ts'

/** One lab: its story, the predictions, the run, the comparison, the question, and the worksheet. */
export class LabView {
  readonly root = element('div', { class: 'lab' })
  readonly #lab: string
  readonly #status: FeedStatus
  readonly #story = element('section', { class: 'panel story', 'aria-label': 'What it is about' })
  readonly #form: PredictionForm
  readonly #progress = new RunProgress(() => void this.#ask({ type: 'stop' }))
  readonly #failure = element('p', { class: 'problem', role: 'alert' })
  readonly #comparison = element('section', { class: 'panel', 'aria-labelledby': 'compare-title', hidden: true })
  readonly #comparisonTitle = element('h2', { id: 'compare-title', tabindex: '-1' }, 'Compare')
  readonly #question = new QuestionView(option => void this.#answer(option))
  readonly #worksheet: WorksheetView
  #shown: { stage: LabState['stage']; attempts: number } | undefined

  constructor(lab: string, status: FeedStatus) {
    this.#lab = lab
    this.#status = status
    this.#form = new PredictionForm({
      onRun: (settings, predictions) => void this.#submit({ type: 'run', settings, predictions }),
      onSettings: settings => void this.#submit({ type: 'change', settings }),
    })
    this.#worksheet = new WorksheetView({
      onRename: learner => void this.#ask({ type: 'rename', learner }),
      onAgain: () => void this.#ask({ type: 'again' }),
    })
  }

  show(state: LabState): void {
    if (this.#shown === undefined) this.#build(state)
    this.#form.show(state)
    this.#progress.show(state)
    write(this.#failure, state.failure ?? '')
    const { attempts, stage } = state
    if (attempts.length !== this.#shown?.attempts) this.#compare(state)
    this.#question.show(state)
    this.#worksheet.show(state)
    this.#moveFocus(state)
    this.#shown = { stage, attempts: attempts.length }
  }

  #build({ story, loads }: LabState): void {
    this.#story.append(
      ...story.map(paragraph => element('p', {}, paragraph)),
      element(
        'p',
        { class: 'muted' },
        `A run measures ${loads === 1 ? 'one load' : `${loads} loads, one after another`}.`,
      ),
    )
    this.root.append(
      this.#story,
      this.#comparison,
      this.#question.root,
      this.#form.root,
      this.#progress.root,
      this.#failure,
      this.#worksheet.root,
    )
  }

  /** The latest run is open; those before it are folded. */
  #compare({ attempts, curves }: LabState): void {
    this.#comparison.hidden = attempts.length === 0
    const views = attempts.map((attempt: LabAttempt, index) => attemptView(attempt, curves, index + 1)).reverse()
    const [latest, ...earlier] = views
    this.#comparison.replaceChildren(
      this.#comparisonTitle,
      element('p', { class: 'about' }, 'The target counted what truly happened; the harness, what a client saw.'),
      ...(latest === undefined ? [] : [latest]),
      ...(earlier.length === 0
        ? []
        : [element('details', {}, element('summary', {}, `Earlier runs: ${earlier.length}`), ...earlier)]),
    )
  }

  /** Keyboards and screen readers follow what happens: to the run, and to its numbers. */
  #moveFocus({ stage, attempts }: LabState): void {
    if (this.#shown === undefined) return
    if (stage === 'run' && this.#shown.stage !== 'run') {
      this.#progress.root.querySelector('h2')!.focus()
      this.#status.say('The run has begun.')
    }
    if (attempts.length > this.#shown.attempts) {
      this.#comparisonTitle.focus()
      this.#status.say('The run is over. Its numbers are in the table.')
    }
  }

  async #submit(action: LabAction): Promise<void> {
    this.#form.problem = (await askServer(this.#lab, action)) ?? ''
  }

  async #answer(option: number): Promise<void> {
    this.#question.problem = (await askServer(this.#lab, { type: 'answer', option })) ?? ''
  }

  async #ask(action: LabAction): Promise<void> {
    const refusal = await askServer(this.#lab, action)
    if (refusal !== undefined) this.#status.say(refusal)
  }
}
