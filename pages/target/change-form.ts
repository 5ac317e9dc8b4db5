import type { ChangeRequest, LiveChange } from '../../contract/target-page.ts'
import { Copyable } from '../widgets/copyable.ts'
import { element, write } from '../widgets/element.ts'
import type { Field } from '../widgets/field.ts'
import { ask, reasonOf } from '../widgets/server.ts'

/** The change that a form makes: a title for people, its place and its value. */
export type WantedChange = Pick<ChangeRequest, 'title' | 'place' | 'name' | 'value'>

export interface ChangeFormOptions {
  title: string
  about: string
  fields: readonly Field<HTMLElement>[]
  /** Words of the buttons that set it and take it away. */
  set: string
  unset: string
  /** Returns what the fields ask for. */
  wanted(): WantedChange
  /** Address of the changes. */
  address: string
  /** Time after which the change ends by itself. */
  expiresAfterMs(): number
  onMade(change: LiveChange): void
}

const QUIET_MS = 300

/** A form for one change. It shows what the change would set as YAML and as a command before anybody makes it. */
export class ChangeForm {
  readonly root: HTMLFormElement
  readonly #options: ChangeFormOptions
  readonly #outcome = element('p', { class: 'outcome', role: 'status' })
  readonly #yaml = new Copyable('YAML')
  readonly #command = new Copyable('curl')
  readonly #preview: HTMLDetailsElement
  #timer: ReturnType<typeof setTimeout> | undefined
  /** The change that the outcome tells of. */
  #madeId: number | undefined

  constructor(options: ChangeFormOptions) {
    this.#options = options
    const { title, about, fields, set, unset } = options
    this.#preview = element(
      'details',
      {},
      element('summary', {}, 'As YAML and curl'),
      this.#yaml.root,
      this.#command.root,
    )
    const remove = element('button', { type: 'button' }, unset)
    remove.addEventListener('click', () => void this.#make(true))
    this.root = element(
      'form',
      { class: 'change-form', 'aria-label': title },
      element('h3', {}, title),
      element('p', { class: 'muted' }, about),
      element('div', { class: 'fields' }, ...fields.map(({ root }) => root)),
      element('div', { class: 'buttons' }, element('button', { type: 'submit', class: 'main' }, set), remove),
      this.#outcome,
      this.#preview,
    )
    this.root.addEventListener('submit', event => {
      event.preventDefault()
      void this.#make(false)
    })
    this.root.addEventListener('input', () => this.#previewSoon())
    this.#preview.addEventListener('toggle', () => this.#previewSoon())
  }

  /** Tells no more of a change that has ended. @param changes those in force */
  follow(changes: readonly LiveChange[]): void {
    if (this.#madeId !== undefined && changes.every(({ id }) => id !== this.#madeId)) this.#say('', false)
  }

  #request(isTakenAway: boolean): ChangeRequest {
    const { value, title, ...wanted } = this.#options.wanted()
    const expiresAfterMs = this.#options.expiresAfterMs()
    if (isTakenAway) return { ...wanted, title: `${this.#options.title}: taken away`, expiresAfterMs }
    return { ...wanted, title, value, expiresAfterMs }
  }

  async #make(isTakenAway: boolean): Promise<void> {
    if (!isTakenAway && !this.root.reportValidity()) return
    try {
      const made = await ask<LiveChange>('POST', this.#options.address, this.#request(isTakenAway))
      this.#say(`Done: ${made.title}`, false)
      this.#madeId = made.id
      this.#options.onMade(made)
    } catch (error) {
      this.#say(reasonOf(error), true)
    }
  }

  #previewSoon(): void {
    clearTimeout(this.#timer)
    if (this.#preview.open) this.#timer = setTimeout(() => void this.#showPreview(), QUIET_MS)
  }

  async #showPreview(): Promise<void> {
    if (!this.root.checkValidity()) return
    const address = `${this.#options.address}/preview`
    try {
      const { yaml, command } = await ask<Pick<LiveChange, 'yaml' | 'command'>>('POST', address, this.#request(false))
      this.#yaml.show(yaml)
      this.#command.show(command)
      this.#say('', false)
    } catch (error) {
      this.#say(reasonOf(error), true)
    }
  }

  #say(text: string, isWrong: boolean): void {
    this.#madeId = undefined
    write(this.#outcome, text)
    this.#outcome.classList.toggle('wrong', isWrong)
  }
}
