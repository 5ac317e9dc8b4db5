import { drawn, element, write } from './element.ts'

export interface BarPart {
  label: string
  /** Name of a colour of the page. */
  color: string
  value: number
}

const WIDTH = 160
const HEIGHT = 12

/** A bar in parts: where the whole went. Its title tells the parts in words. */
export class StackedBar {
  readonly root: HTMLElement
  readonly #drawing = drawn('svg', { class: 'bar', width: WIDTH, height: HEIGHT, 'aria-hidden': 'true' })
  readonly #words = element('span', { class: 'unseen' })

  constructor() {
    this.root = element('span', { class: 'stacked-bar' }, this.#drawing, this.#words)
  }

  /** @param longest value that fills the whole width */
  show(parts: readonly BarPart[], longest: number, words: string): void {
    write(this.#words, words)
    this.root.title = words
    let x = 0
    const shapes = parts.map(({ color, value }) => {
      const width = longest > 0 ? (value / longest) * WIDTH : 0
      const shape = drawn('rect', { class: `part ${color}`, x, y: 0, width, height: HEIGHT })
      x += width
      return shape
    })
    this.#drawing.replaceChildren(...shapes)
  }
}
