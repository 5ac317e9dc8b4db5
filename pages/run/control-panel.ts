import type { RunFeedLoad, RunFeedState } from '../run-feed.ts'
import { element, write } from '../widgets/element.ts'
import { panelFrame } from '../widgets/panel-frame.ts'
import { changeable } from './phase-words.ts'
import { giveCommand, type RunCommand } from './run-command.ts'
import type { RunPanel } from './run-panel.ts'

type Size = 'factor' | 'users' | 'rate'

const sizeWords: Record<Size, string> = {
  factor: '× the plan',
  users: 'users',
  rate: 'iterations per time unit',
}

/** Pauses, resumes, scales and ends the run, as `loadcell ctl` does. */
export class ControlPanel implements RunPanel {
  readonly root: HTMLElement
  readonly #pause = element('button', { type: 'button' }, 'Pause')
  readonly #resume = element('button', { type: 'button' }, 'Resume')
  readonly #stop = element('button', { type: 'button' }, 'Stop …')
  readonly #confirm: HTMLElement
  readonly #load = element('select', { id: 'load' })
  readonly #loadChoice = element('label', { for: 'load', hidden: true }, 'Load ', this.#load)
  readonly #amount = element('input', { id: 'amount', type: 'number', min: 0, step: 'any', value: 1, required: true })
  readonly #size = element('select', { id: 'size' })
  readonly #scale: HTMLFormElement
  readonly #outcome = element('p', { class: 'outcome', role: 'status' })
  readonly #buttons: HTMLElement
  readonly #readOnly = element(
    'p',
    { class: 'muted', hidden: true },
    'You may look, and change nothing: open the address that the terminal of the run shows, with the part behind the #.',
  )
  #shownLoads = ''

  constructor() {
    const graceful = element('button', { type: 'button', class: 'main' }, 'Stop; what has begun may finish')
    const atOnce = element('button', { type: 'button' }, 'End at once')
    const keep = element('button', { type: 'button' }, 'Keep running')
    this.#confirm = element(
      'div',
      { class: 'row', role: 'group', 'aria-label': 'Stop the run?', hidden: true },
      element('span', {}, 'Stop the run? Its report is written either way.'),
      graceful,
      atOnce,
      keep,
    )
    this.#scale = element(
      'form',
      { class: 'row' },
      element('label', { for: 'amount' }, 'Scale to '),
      this.#amount,
      element('label', { for: 'size', class: 'unseen' }, 'Unit'),
      this.#size,
      element('button', { type: 'submit' }, 'Scale'),
    )
    const scaling = element('div', { class: 'row' }, this.#loadChoice, this.#scale)
    this.#buttons = element(
      'div',
      {},
      element('div', { class: 'row' }, this.#pause, this.#resume, this.#stop),
      this.#confirm,
      scaling,
    )
    this.root = panelFrame(
      'controls',
      'Controls',
      'Change the load and watch what follows. Each change is marked in the charts and in the report.',
      this.#buttons,
      this.#readOnly,
      this.#outcome,
    )
    this.#pause.addEventListener('click', () => void this.#give({ kind: 'pause', ...this.#chosen }))
    this.#resume.addEventListener('click', () => void this.#give({ kind: 'resume', ...this.#chosen }))
    this.#stop.addEventListener('click', () => this.#ask(true))
    keep.addEventListener('click', () => this.#ask(false))
    this.#confirm.addEventListener('keydown', ({ key }) => {
      if (key === 'Escape') this.#ask(false)
    })
    graceful.addEventListener('click', () => void this.#end('stop'))
    atOnce.addEventListener('click', () => void this.#end('abort'))
    this.#load.addEventListener('change', () => this.#offerSizes())
    this.#size.addEventListener('change', () => this.#suggestAmount())
    this.#scale.addEventListener('submit', event => {
      event.preventDefault()
      const size = this.#size.value as Size
      void this.#give({ kind: 'scale', ...this.#chosen, [size]: Number(this.#amount.value) })
    })
  }

  /** Tells whether this page has the key of the run. */
  allow(mayControl: boolean): void {
    this.#buttons.hidden = !mayControl
    this.#readOnly.hidden = mayControl
  }

  show({ phase, loads }: RunFeedState): void {
    const isOpen = changeable.has(phase)
    this.root.hidden = phase === 'ended' || phase === 'reporting'
    const active = loads.filter(({ isOver }) => !isOver)
    this.#pause.disabled = !isOpen || active.every(({ isPaused }) => isPaused)
    this.#resume.disabled = !isOpen || active.every(({ isPaused }) => !isPaused)
    this.#stop.disabled = phase === 'stopping' || phase === 'teardown'
    for (const part of this.#scale.elements) (part as HTMLButtonElement).disabled = !isOpen
    this.#offerLoads(active)
  }

  /** Chosen load; none stands for all. */
  get #chosen(): Pick<RunCommand, 'load'> {
    return this.#load.value === '' ? {} : { load: this.#load.value }
  }

  async #give(command: RunCommand): Promise<void> {
    const { isAccepted, words } = await giveCommand(command)
    this.#outcome.classList.toggle('refused', !isAccepted)
    write(this.#outcome, words)
  }

  async #end(kind: 'stop' | 'abort'): Promise<void> {
    this.#ask(false)
    await this.#give({ kind })
  }

  #ask(isAsked: boolean): void {
    this.#confirm.hidden = !isAsked
    if (isAsked) this.#confirm.querySelector('button')?.focus()
    else this.#stop.focus()
  }

  #offerLoads(loads: readonly RunFeedLoad[]): void {
    const key = JSON.stringify(loads.map(({ name, scalesBy }) => [name, scalesBy]))
    if (key === this.#shownLoads) return
    this.#shownLoads = key
    const chosen = this.#load.value
    const named = loads.filter(({ name }) => name !== undefined)
    this.#loadChoice.hidden = named.length < 2
    this.#load.replaceChildren(
      element('option', { value: '', 'data-sizes': loads.length === 1 ? (loads[0]?.scalesBy ?? '') : '' }, 'all'),
      ...named.map(({ name, scalesBy = '' }) => element('option', { value: name, 'data-sizes': scalesBy }, name)),
    )
    if (named.some(({ name }) => name === chosen)) this.#load.value = chosen
    this.#offerSizes()
  }

  #offerSizes(): void {
    const own = this.#load.selectedOptions[0]?.dataset['sizes'] as 'users' | 'rate' | '' | undefined
    const sizes: Size[] = own === 'users' || own === 'rate' ? ['factor', own] : ['factor']
    this.#size.replaceChildren(...sizes.map(size => element('option', { value: size }, sizeWords[size])))
    this.#suggestAmount()
  }

  /** Sees to it that no number of users is taken for a factor, nor the other way round. */
  #suggestAmount(): void {
    if (this.#size.value === 'factor') this.#amount.value = '1'
    else if (this.#amount.value === '1') this.#amount.value = ''
  }
}
