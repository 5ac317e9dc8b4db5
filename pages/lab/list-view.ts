import { element, write } from '../widgets/element.ts'
import type { LabDone, LabEntry, LabListState } from './lab-state.ts'

/** All labs in the order of the course, with what the learner has done. */
export class ListView {
  readonly root: HTMLElement
  readonly #learner = element('strong')
  readonly #score = element('p', { class: 'muted' })
  readonly #rows = element('tbody')
  readonly #note = element('p', { class: 'muted' })

  constructor() {
    this.root = element(
      'section',
      { class: 'panel', 'aria-labelledby': 'list-title' },
      element('h2', { id: 'list-title' }, 'Predict, run, compare'),
      element(
        'p',
        {},
        'Each lab explains a situation, asks you to predict a number or to draw a curve, and runs a load that shows it. Take them in this order, or where you like.',
      ),
      element('p', {}, 'Worksheets in this folder for ', this.#learner, ':'),
      this.#score,
      element(
        'div',
        { class: 'table list', tabindex: '0', role: 'region', 'aria-label': 'Labs' },
        element(
          'table',
          {},
          element(
            'thead',
            {},
            element(
              'tr',
              {},
              ...['', 'Lab', 'Runs', 'Predictions', 'Question'].map(title =>
                element(
                  'th',
                  { scope: 'col', class: 'text' },
                  title === '' ? element('span', { class: 'unseen' }, 'Number') : title,
                ),
              ),
            ),
          ),
          this.#rows,
        ),
      ),
      this.#note,
    )
  }

  show({ learner, labs, note = '' }: LabListState): void {
    write(this.#learner, learner)
    const done = labs.filter(lab => lab.done !== undefined)
    const right = labs.filter(lab => lab.done?.isRight === true)
    write(this.#score, `Labs run: ${done.length} of ${labs.length}. Questions answered right: ${right.length}.`)
    this.#rows.replaceChildren(...labs.map(rowOf))
    write(this.#note, note)
  }
}

function rowOf({ name, title, isRunning, done }: LabEntry, index: number): HTMLElement {
  return element(
    'tr',
    { 'data-lab': name },
    element('td', {}, String(index + 1)),
    element('th', { scope: 'row', class: 'text' }, element('a', { href: `/labs/${name}` }, title)),
    element('td', { class: 'text' }, isRunning ? 'running now' : done === undefined ? '–' : String(done.runs)),
    element('td', { class: 'text' }, done === undefined ? '–' : predictionsOf(done)),
    element('td', { class: 'text' }, done === undefined ? '–' : answerOf(done)),
  )
}

function predictionsOf({ predictions, right, near }: LabDone): string {
  return predictions === 0 ? 'none' : `${right} right, ${near} near of ${predictions}`
}

function answerOf({ isRight }: LabDone): string {
  if (isRight === undefined) return 'not answered'
  return isRight ? '✓ right' : '✗ wrong'
}
