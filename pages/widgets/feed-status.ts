import { Announcer } from './announcer.ts'
import { element, write } from './element.ts'
import type { FeedState } from './live-feed.ts'

const words: Record<FeedState, string> = {
  connecting: 'Connecting …',
  live: 'Live',
  lost: 'Connection lost; trying again',
  refused: 'Access refused',
  full: 'Too many viewers; trying again',
}

/** Says whether the page is live, and asks for a token where one is needed. */
export class FeedStatus {
  readonly root: HTMLElement
  readonly #state = element('strong', { class: 'feed-state' }, words.connecting)
  readonly #detail = element('span', { class: 'feed-detail' })
  readonly #form: HTMLFormElement
  readonly #announcer = new Announcer()
  #shown: FeedState = 'connecting'
  #isTyped = false

  /** @param onToken called with the token that a person has typed */
  constructor(onToken: (token: string) => void) {
    const input = element('input', { type: 'password', id: 'token', autocomplete: 'off', required: true, size: 24 })
    this.#form = element(
      'form',
      { class: 'token-form', hidden: true },
      element('label', { for: 'token' }, 'Token '),
      input,
      element('button', { type: 'submit' }, 'Open'),
    )
    this.#form.addEventListener('submit', event => {
      event.preventDefault()
      this.#isTyped = true
      onToken(input.value)
      input.value = ''
    })
    this.root = element(
      'div',
      { class: 'feed-status' },
      element('p', {}, this.#state, ' ', this.#detail),
      this.#form,
      this.#announcer.root,
    )
    this.root.dataset['state'] = 'connecting'
  }

  show(state: FeedState, detail: string): void {
    // A moment of connecting again would only flicker.
    if (state === 'connecting' && this.#shown !== 'connecting') return
    if (state !== this.#shown && !(state === 'live' && this.#shown === 'connecting')) this.#announcer.say(words[state])
    this.#shown = state
    this.root.dataset['state'] = state
    write(this.#state, words[state])
    if (state === 'live') this.#isTyped = false
    write(this.#detail, state === 'refused' && this.#isTyped ? `This token is not accepted: ${detail}` : detail)
    this.#form.hidden = state !== 'refused'
  }

  say(text: string): void {
    write(this.#detail, text)
    this.#announcer.say(text)
  }
}
