import { Copyable } from './copyable.ts'
import { element, write } from './element.ts'

/** A change that ends at `expiresAt`, unless it is confirmed. */
export interface ListedChange {
  id: number
  title: string
  expiresAt?: number
  yaml: string
  command: string
}

export interface ChangeListOptions {
  onConfirm: (id: number) => void
  onUndo: (id: number) => void
}

interface ShownChange {
  root: HTMLElement
  left: HTMLElement
  confirm: HTMLButtonElement
  change: ListedChange
}

const TICK_MS = 500

/** The changes that are in force, each with the time that it has left, and buttons to keep and to undo it. */
export class ChangeList {
  readonly root = element('ul', { class: 'changes', tabindex: '-1', 'aria-label': 'Changes in force' })
  readonly #empty = element('li', { class: 'muted' }, 'Nothing has been changed on this page.')
  readonly #options: ChangeListOptions
  readonly #shown = new Map<number, ShownChange>()
  #isReadOnly = false
  /** Difference between the clocks of server and browser. */
  #aheadMs = 0

  constructor(options: ChangeListOptions) {
    this.#options = options
    this.root.append(this.#empty)
    setInterval(() => this.#tick(), TICK_MS)
  }

  /** @param serverTimeMs wall time of the server now */
  setClock(serverTimeMs: number): void {
    this.#aheadMs = serverTimeMs - Date.now()
  }

  /** Only shows the changes from now on. */
  makeReadOnly(): void {
    this.#isReadOnly = true
  }

  show(changes: readonly ListedChange[]): void {
    const ids = new Set(changes.map(({ id }) => id))
    for (const [id, { root }] of this.#shown) {
      if (ids.has(id)) continue
      // A person who has just used one of its buttons goes on from here.
      const hadFocus = root.contains(document.activeElement)
      root.remove()
      if (hadFocus) this.root.focus()
      this.#shown.delete(id)
    }
    for (const change of changes.toReversed()) {
      const shown = this.#shown.get(change.id) ?? this.#add(change)
      shown.change = change
      shown.confirm.hidden = this.#isReadOnly || change.expiresAt === undefined
    }
    this.#empty.hidden = changes.length > 0
    this.#tick()
  }

  #add(change: ListedChange): ShownChange {
    const { id, title, yaml, command } = change
    const left = element('span', { class: 'left' })
    const confirm = element('button', { type: 'button' }, 'Keep')
    confirm.setAttribute('aria-label', `Keep: ${title}`)
    confirm.addEventListener('click', () => this.#options.onConfirm(id))
    const undo = element('button', { type: 'button' }, 'Undo')
    undo.setAttribute('aria-label', `Undo: ${title}`)
    undo.addEventListener('click', () => this.#options.onUndo(id))
    undo.hidden = this.#isReadOnly
    const [rule, sent] = [new Copyable('YAML'), new Copyable('curl')]
    rule.show(yaml)
    sent.show(command)
    const details = element('details', {}, element('summary', {}, 'YAML and curl'), rule.root, sent.root)
    const root = element(
      'li',
      { 'data-change': id },
      element('strong', {}, title),
      ' ',
      left,
      ' ',
      confirm,
      ' ',
      undo,
      details,
    )
    this.root.prepend(root)
    const shown = { root, left, confirm, change }
    this.#shown.set(id, shown)
    return shown
  }

  #tick(): void {
    const now = Date.now() + this.#aheadMs
    for (const { left, change } of this.#shown.values()) {
      const { expiresAt } = change
      const seconds = expiresAt === undefined ? 0 : Math.max(0, Math.ceil((expiresAt - now) / 1000))
      write(left, expiresAt === undefined ? 'kept until it is undone' : `undone in ${seconds} s unless you keep it`)
    }
  }
}
