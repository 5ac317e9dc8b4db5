import type { RunFeedState } from '../run-feed.ts'
import { element, write } from '../widgets/element.ts'
import type { RunPanel } from './run-panel.ts'

/** Notes that people should read at once: a worker or the target is gone, or the run itself does not answer. */
export class NotesPanel implements RunPanel {
  readonly root = element('div', { class: 'notes', role: 'alert', hidden: true })
  readonly #lost = element('p', { hidden: true })
  readonly #notes = element('ul', {})
  #hasEnded = false

  constructor() {
    this.root.append(this.#lost, this.#notes)
  }

  show({ notes, phase }: RunFeedState): void {
    this.#hasEnded = phase === 'ended'
    this.#lost.hidden = true
    if (notes.length !== this.#notes.children.length || notes.at(-1) !== this.#notes.lastElementChild?.textContent)
      this.#notes.replaceChildren(...notes.map(note => element('li', {}, note)))
    this.#notes.hidden = notes.length === 0
    this.root.hidden = notes.length === 0
  }

  /** Tells that nothing comes from the run any more. */
  lose(): void {
    const words = this.#hasEnded
      ? 'The command has ended, so this page changes no more. The report is where the terminal says.'
      : 'The run does not answer. Its process may have been ended or killed, or it is too busy; what you see is the last that came.'
    write(this.#lost, words)
    this.#lost.hidden = false
    this.root.hidden = false
  }
}
