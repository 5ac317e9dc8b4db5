import { element, write } from '../widgets/element.ts'

/** A row by its key, which stays the same while its cells change. */
export interface LiveRow {
  key: string
  cells: readonly string[]
  /** State that the first cell shows, such as `failed`: a class of the page. */
  state?: string
}

/** A table whose cells change in place, so that neither focus nor the place of reading is lost. */
export class LiveTable {
  readonly root: HTMLElement
  readonly #body = element('tbody')
  readonly #rows = new Map<string, { row: HTMLTableRowElement; cells: HTMLElement[] }>()
  readonly #texts: ReadonlySet<number>

  /** @param texts columns that hold words; those of the others are numbers */
  constructor(caption: string, columns: readonly string[], texts: readonly number[] = []) {
    this.#texts = new Set(texts)
    const heads = columns.map((column, at) => element('th', { scope: 'col', class: this.#classOf(at) }, column))
    const head = element('thead', {}, element('tr', {}, ...heads))
    const table = element('table', {}, element('caption', {}, caption), head, this.#body)
    // A table that is too wide scrolls by keyboard as well.
    this.root = element('div', { class: 'table', role: 'region', 'aria-label': caption, tabindex: 0 }, table)
  }

  show(rows: readonly LiveRow[]): void {
    const keys = new Set(rows.map(({ key }) => key))
    for (const [key, { row }] of this.#rows) {
      if (keys.has(key)) continue
      row.remove()
      this.#rows.delete(key)
    }
    rows.forEach((shown, at) => {
      const { row, cells } = this.#rows.get(shown.key) ?? this.#add(shown)
      shown.cells.forEach((text, column) => write(cells[column]!, text))
      cells[0]!.className = shown.state ?? ''
      if (this.#body.children[at] !== row) this.#body.insertBefore(row, this.#body.children[at] ?? null)
    })
  }

  #add({ key, cells: texts }: LiveRow): { row: HTMLTableRowElement; cells: HTMLElement[] } {
    const cells = texts.map((_, at) =>
      at === 0 ? element('th', { scope: 'row' }) : element('td', { class: this.#classOf(at) }),
    )
    const added = { row: element('tr', {}, ...cells), cells }
    this.#rows.set(key, added)
    return added
  }

  #classOf(column: number): string | undefined {
    return this.#texts.has(column) ? 'text' : undefined
  }
}
