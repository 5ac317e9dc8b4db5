import { element, write } from './element.ts'

/** A row of large numbers, each with its name. */
export class LargeNumbers<Name extends string> {
  readonly root = element('dl', { class: 'numbers' })
  readonly #values = new Map<Name, HTMLElement>()

  /** @param names by key, the words that people see */
  constructor(names: Readonly<Record<Name, string>>) {
    for (const [key, words] of Object.entries(names) as [Name, string][]) {
      const value = element('dd', { 'data-number': key }, '–')
      this.#values.set(key, value)
      this.root.append(element('div', {}, element('dt', {}, words), value))
    }
  }

  show(values: Readonly<Record<Name, string>>): void {
    for (const [key, text] of Object.entries(values) as [Name, string][]) write(this.#values.get(key)!, text)
  }
}
