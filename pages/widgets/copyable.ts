import { element, write } from './element.ts'

const SHOWN_MS = 2000

/** A text to copy, such as a command, with its name and a button. Browsers copy only on pages that they trust. */
export class Copyable {
  readonly root: HTMLElement
  readonly #text = element('code')

  constructor(name: string) {
    const copy = element('button', { type: 'button' }, 'Copy')
    copy.addEventListener('click', () => void this.#copy(copy))
    copy.hidden = !isSecureContext
    copy.setAttribute('aria-label', `Copy ${name}`)
    this.root = element(
      'div',
      { class: 'copyable' },
      element('p', {}, element('span', {}, name), copy),
      element('pre', {}, this.#text),
    )
  }

  show(text: string): void {
    write(this.#text, text)
  }

  async #copy(button: HTMLElement): Promise<void> {
    await navigator.clipboard.writeText(this.#text.textContent ?? '')
    button.textContent = 'Copied'
    setTimeout(() => (button.textContent = 'Copy'), SHOWN_MS)
  }
}
