import { Copyable } from '../widgets/copyable.ts'
import { element, write } from '../widgets/element.ts'
import type { Field } from '../widgets/field.ts'
import { ask, reasonOf } from '../widgets/server.ts'

export interface ActionFormOptions {
  title: string
  about: string
  fields: readonly Field<HTMLElement>[]
  /** Words of the button. */
  act: string
  /** Returns the address that is posted to. */
  address(): string
  /** Says what the answer means. */
  said(answer: Record<string, unknown>): string
}

/** Something that cannot be undone: its button asks once more. */
export class ActionForm {
  readonly root: HTMLFormElement
  readonly #options: ActionFormOptions
  readonly #button: HTMLButtonElement
  readonly #cancel = element('button', { type: 'button', hidden: true }, 'No, leave it')
  readonly #outcome = element('p', { class: 'outcome', role: 'status' })
  readonly #command = new Copyable('curl')
  #isAsked = false

  constructor(options: ActionFormOptions) {
    this.#options = options
    const { title, about, fields, act } = options
    this.#button = element('button', { type: 'submit' }, act)
    this.root = element(
      'form',
      { class: 'change-form', 'aria-label': title },
      element('h3', {}, title),
      element('p', { class: 'muted' }, about),
      element('div', { class: 'fields' }, ...fields.map(({ root }) => root)),
      element('div', { class: 'buttons' }, this.#button, this.#cancel),
      this.#outcome,
      element('details', {}, element('summary', {}, 'As curl'), this.#command.root),
    )
    this.#cancel.addEventListener('click', () => this.#arm(false))
    this.root.addEventListener('input', () => this.#showCommand())
    this.root.addEventListener('submit', event => {
      event.preventDefault()
      if (this.#isAsked) void this.#act()
      else this.#arm(true)
    })
    this.#showCommand()
  }

  #arm(isAsked: boolean): void {
    this.#isAsked = isAsked
    this.#button.textContent = isAsked ? `Yes, ${this.#options.act.toLowerCase()} now` : this.#options.act
    this.#cancel.hidden = !isAsked
  }

  #showCommand(): void {
    this.#command.show(`curl -X POST '${new URL(this.#options.address(), location.href).href}'`)
  }

  async #act(): Promise<void> {
    this.#arm(false)
    try {
      write(this.#outcome, this.#options.said(await ask('POST', this.#options.address())))
      this.#outcome.classList.remove('wrong')
    } catch (error) {
      write(this.#outcome, reasonOf(error))
      this.#outcome.classList.add('wrong')
    }
  }
}
