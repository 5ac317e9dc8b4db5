import { element, write } from '../widgets/element.ts'
import { CurveEditor } from './curve-editor.ts'
import type { LabField, LabState } from './lab-state.ts'

export interface PredictionFormOptions {
  onRun: (settings: Record<string, string>, predictions: Record<string, string>) => void
  onSettings: (settings: Record<string, string>) => void
}

/** The predictions of the learner and the settings of the next run. */
export class PredictionForm {
  readonly root = element('form', { class: 'panel', 'aria-labelledby': 'predict-title', novalidate: true })
  readonly #options: PredictionFormOptions
  readonly #title = element('h2', { id: 'predict-title' }, 'Predict')
  readonly #about = element('p', { class: 'about' })
  readonly #problem = element('p', { class: 'problem', role: 'alert' })
  readonly #button = element('button', { type: 'submit', class: 'main' }, 'Run')
  readonly #settings = new Map<string, HTMLInputElement>()
  readonly #predictions = new Map<string, HTMLInputElement>()
  #curves: CurveEditor[] = []
  #attempts = 0

  constructor(options: PredictionFormOptions) {
    this.#options = options
    this.root.addEventListener('submit', event => {
      event.preventDefault()
      options.onRun(this.#settingTexts(), this.#predictionTexts())
    })
  }

  /** Shows why the server has refused something; '' if it has not. */
  set problem(text: string) {
    write(this.#problem, text)
  }

  show(state: LabState): void {
    if (this.#settings.size === 0) this.#build(state)
    const { attempts, stage, settings, curves } = state
    if (attempts.length !== this.#attempts) this.#clear()
    this.#attempts = attempts.length
    write(this.#title, attempts.length === 0 ? 'Predict' : 'Change one thing and run again')
    write(
      this.#about,
      attempts.length === 0
        ? 'A wrong prediction is what makes the measurement worth looking at. You may leave a number open.'
        : 'Predict before each run: a formula that you only read is soon forgotten.',
    )
    for (const { name, text } of settings) {
      const input = this.#settings.get(name)!
      if (document.activeElement !== input) input.value = text
    }
    for (const [index, curve] of this.#curves.entries()) {
      curve.top = curves[index]!.top
      curve.isDisabled = stage === 'run'
    }
    for (const input of [...this.#settings.values(), ...this.#predictions.values()]) input.disabled = stage === 'run'
    this.#button.disabled = stage === 'run'
    write(this.#button, attempts.length === 0 ? 'Run' : 'Run again')
  }

  #build({ asked, curves, settings }: LabState): void {
    this.#curves = curves.map((curve, index) => new CurveEditor(curve, `curve-${index}`))
    const numbers = asked.map(field => this.#labelled(field, this.#predictions, 'predict'))
    const fields = settings.map(field => this.#labelled(field, this.#settings, 'set'))
    for (const input of this.#settings.values())
      input.addEventListener('change', () => this.#options.onSettings(this.#settingTexts()))
    this.root.replaceChildren(
      this.#title,
      this.#about,
      element('div', { class: 'charts' }, ...this.#curves.map(({ root }) => root)),
      ...numbers,
      element('fieldset', { class: 'settings' }, element('legend', {}, 'Settings of the run'), ...fields),
      this.#problem,
      element('p', {}, this.#button),
    )
  }

  #labelled({ name, label, unit, range }: LabField, into: Map<string, HTMLInputElement>, kind: string): HTMLElement {
    const id = `${kind}-${name}`
    const hint = range === undefined ? undefined : element('span', { class: 'muted', id: `${id}-range` }, range)
    const input = element('input', {
      id,
      inputmode: 'decimal',
      autocomplete: 'off',
      size: 9,
      'aria-describedby': hint?.id,
    })
    into.set(name, input)
    const words = unit === '' ? label : `${label} (${unit})`
    return element('p', { class: 'field' }, element('label', { for: id }, words), ' ', input, ' ', hint)
  }

  #clear(): void {
    for (const curve of this.#curves) curve.clear()
    for (const input of this.#predictions.values()) input.value = ''
  }

  #settingTexts(): Record<string, string> {
    return Object.fromEntries(Array.from(this.#settings, ([name, { value }]) => [name, value]))
  }

  #predictionTexts(): Record<string, string> {
    const written = Array.from(this.#predictions, ([name, { value }]) => [name, value.trim()] as const)
    const drawn = this.#curves.flatMap(({ texts }) => texts)
    return Object.fromEntries([...drawn, ...written].filter(([, text]) => text !== ''))
  }
}
