import { element } from './element.ts'

const QUIET_MS = 1000

/** Tells screen readers about changes that matter, a few at most. It shows nothing. */
export class Announcer {
  readonly root = element('div', { class: 'unseen', role: 'status', 'aria-live': 'polite' })
  #timer: ReturnType<typeof setTimeout> | undefined

  /** Says the latest of several texts that come within a second. */
  say(text: string): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => (this.root.textContent = text), QUIET_MS)
  }
}
