import { element, write } from '../widgets/element.ts'
import type { LabState } from './lab-state.ts'

export interface WorksheetViewOptions {
  onRename: (learner: string) => void
  onAgain: () => void
}

/** The name on the worksheet, its place, and the way to other labs. */
export class WorksheetView {
  readonly root: HTMLElement
  readonly #name = element('input', { id: 'learner', size: 24, maxlength: '100', autocomplete: 'name' })
  readonly #file = element('p')
  readonly #again = element('button', { type: 'button' }, 'Begin again with a new worksheet')
  readonly #ways = element('nav', { 'aria-label': 'Other labs', class: 'ways' })

  constructor({ onRename, onAgain }: WorksheetViewOptions) {
    this.#name.addEventListener('change', () => {
      const name = this.#name.value.trim()
      if (name !== '') onRename(name)
    })
    this.#again.addEventListener('click', onAgain)
    this.root = element(
      'section',
      { class: 'panel', 'aria-labelledby': 'worksheet-title' },
      element('h2', { id: 'worksheet-title' }, 'Your worksheet'),
      element('p', { class: 'field' }, element('label', { for: 'learner' }, 'Name on it'), ' ', this.#name),
      this.#file,
      element('p', {}, this.#again),
      this.#ways,
    )
  }

  show({ learner, file, seed, stage, attempts, previous, following }: LabState): void {
    if (document.activeElement !== this.#name) this.#name.value = learner
    const saved =
      file === undefined ? 'It is written after the first run.' : `It is written after each run and answer: ${file}`
    write(this.#file, `${saved} (seed ${seed}; everybody with this seed has the same run)`)
    this.#again.hidden = attempts.length === 0
    this.#again.disabled = stage === 'run'
    if (this.#ways.hasChildNodes()) return
    if (previous !== undefined) this.#ways.append(element('a', { href: `/labs/${previous}` }, `Before: ${previous}`))
    if (following !== undefined) this.#ways.append(element('a', { href: `/labs/${following}` }, `Next: ${following}`))
  }
}
