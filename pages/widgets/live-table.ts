import { element, write } from './element.ts'

export interface TableColumn<Row> {
  title: string
  /** Whether it holds words and not numbers. */
  isText?: boolean
  /** A text, or an element that is the same one for as long as its row is shown. */
  cell: (row: Row) => string | Node
}

export interface LiveTableOptions<Row> {
  caption: string
  columns: readonly TableColumn<Row>[]
  /** Identifies a row from one time to the next. */
  key: (row: Row) => string
  /** Shown without rows. */
  empty: string
  /** Rows beyond it are not shown. */
  most: number
  /** Gives the name in the first column a button. */
  onOpen?: (row: Row) => void
  /** State that the first column shows: a class of the page, such as `failed`. */
  state?: (row: Row) => string
}

interface ShownRow<Row> {
  root: HTMLTableRowElement
  cells: HTMLElement[]
  value: Row
}

/** A table whose rows change in place, so that focus and selection stay where they are. */
export class LiveTable<Row> {
  readonly root: HTMLElement
  readonly #options: LiveTableOptions<Row>
  readonly #body = element('tbody')
  readonly #empty: HTMLElement
  readonly #table: HTMLElement
  readonly #rows = new Map<string, ShownRow<Row>>()

  constructor(options: LiveTableOptions<Row>) {
    this.#options = options
    const head = element('tr')
    for (const { title, isText } of options.columns)
      head.append(element('th', { scope: 'col', class: isText ? 'text' : undefined }, title))
    this.#empty = element('p', { class: 'muted' }, options.empty)
    this.#table = element('table', {}, element('caption', {}, options.caption), element('thead', {}, head), this.#body)
    this.root = element(
      'div',
      { class: 'table', role: 'region', tabindex: 0, 'aria-label': options.caption },
      this.#table,
      this.#empty,
    )
    this.show([])
  }

  show(rows: readonly Row[]): void {
    const shown = rows.slice(0, this.#options.most)
    this.#table.hidden = shown.length === 0
    this.#empty.hidden = shown.length > 0
    const keys = new Set(shown.map(row => this.#options.key(row)))
    for (const [key, { root }] of this.#rows) {
      if (keys.has(key)) continue
      root.remove()
      this.#rows.delete(key)
    }
    shown.forEach((row, at) => {
      const { root } = this.#update(row)
      if (this.#body.children[at] !== root) this.#body.insertBefore(root, this.#body.children[at] ?? null)
    })
  }

  #update(row: Row): ShownRow<Row> {
    const key = this.#options.key(row)
    const known = this.#rows.get(key) ?? this.#add(key, row)
    known.value = row
    if (this.#options.state !== undefined) known.cells[0]!.className = this.#options.state(row)
    this.#options.columns.forEach(({ cell }, at) => {
      const content = cell(row)
      const place = known.cells[at]!
      if (typeof content === 'string') write(place, content)
      else if (place.firstChild !== content) place.replaceChildren(content)
    })
    return known
  }

  #add(key: string, value: Row): ShownRow<Row> {
    const root = element('tr')
    const { columns, onOpen } = this.#options
    const cells = columns.map(({ isText }, at) => {
      const cell = at === 0 ? element('th', { scope: 'row' }) : element('td', { class: isText ? 'text' : undefined })
      root.append(cell)
      if (at > 0 || onOpen === undefined) return cell
      const button = element('button', { type: 'button' })
      button.addEventListener('click', () => onOpen(this.#rows.get(key)!.value))
      cell.append(button)
      return button
    })
    const shown = { root, cells, value }
    this.#rows.set(key, shown)
    return shown
  }
}
