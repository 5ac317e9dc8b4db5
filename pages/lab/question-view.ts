import { element, write } from '../widgets/element.ts'
import type { LabState } from './lab-state.ts'

/** The question that the numbers answer, and why. */
export class QuestionView {
  readonly root = element('section', { class: 'panel', 'aria-labelledby': 'question-title', hidden: true })
  readonly #verdict = element('div', { class: 'verdict', role: 'status' })
  readonly #problem = element('p', { class: 'problem', role: 'alert' })
  readonly #button = element('button', { type: 'submit', class: 'main' }, 'Answer')
  readonly #options: HTMLInputElement[] = []
  readonly #onAnswer: (option: number) => void
  #hasVerdict = false

  constructor(onAnswer: (option: number) => void) {
    this.#onAnswer = onAnswer
  }

  set problem(text: string) {
    write(this.#problem, text)
  }

  show({ question, attempts, stage, verdict }: LabState): void {
    if (this.#options.length === 0) this.#build(question)
    this.root.hidden = attempts.length === 0
    const isOver = verdict !== undefined
    for (const input of this.#options) input.disabled = isOver || stage === 'run'
    this.#button.hidden = isOver
    this.#button.disabled = stage === 'run'
    if (isOver === this.#hasVerdict) return
    this.#hasVerdict = isOver
    this.#verdict.replaceChildren()
    if (verdict === undefined) {
      for (const input of this.#options) input.checked = false
      return
    }
    const { chosen, right, because, next } = verdict
    if (chosen !== undefined) this.#options[chosen - 1]!.checked = true
    const head = chosen === right ? '✓ Right.' : `✗ The right answer is ${right}: ${question.options[right - 1]}.`
    this.#verdict.append(
      element('p', { class: chosen === right ? 'grade right' : 'grade off' }, head),
      element('p', {}, because),
      element('p', {}, element('strong', {}, 'Try next: '), next),
    )
  }

  #build({ ask, options }: LabState['question']): void {
    const choices = options.map((option, index) => {
      const input = element('input', { type: 'radio', name: 'answer', value: String(index + 1), required: true })
      this.#options.push(input)
      return element('label', { class: 'choice' }, input, ` ${index + 1}. ${option}`)
    })
    const form = element(
      'form',
      {},
      element('fieldset', { class: 'choices' }, element('legend', {}, ask), ...choices),
      this.#problem,
      element('p', {}, this.#button),
    )
    form.addEventListener('submit', event => {
      event.preventDefault()
      const chosen = this.#options.find(({ checked }) => checked)
      if (chosen !== undefined) this.#onAnswer(Number(chosen.value))
    })
    this.root.append(element('h2', { id: 'question-title' }, 'A question that the numbers answer'), form, this.#verdict)
  }
}
