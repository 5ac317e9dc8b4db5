import type { LedgerTable } from '../../contract/ledger-tables.ts'
import type { PageLedger, PageRecords } from '../../contract/target-page.ts'
import { element, write } from '../widgets/element.ts'
import { choiceField, setChoices } from '../widgets/field.ts'
import { LiveTable } from '../widgets/live-table.ts'
import { ask, reasonOf } from '../widgets/server.ts'
import { panelFrame } from '../widgets/panel-frame.ts'
import type { LivePanel } from './panel.ts'

const MOST_ROWS = 100
const REQUESTS = 'Requests'

/** The ledger of a run as tables. An operation opens its latest records. */
export class LedgerPanel implements LivePanel {
  readonly root: HTMLElement
  readonly #base: string
  readonly #run = choiceField('run', {})
  readonly #outcome = element('p', { class: 'outcome', role: 'status' })
  readonly #tables = element('div', { class: 'ledger-tables' })
  readonly #records = element('div', { id: 'records', tabindex: '-1' })

  /** @param base address of the page */
  constructor(base: string) {
    this.#base = base
    const read = element('button', { type: 'button' }, 'Read the ledger')
    read.addEventListener('click', () => void this.#read())
    this.#run.control.addEventListener('change', () => void this.#read())
    this.root = panelFrame(
      'ledger',
      'Ledger',
      'What truly happened in a run, independent of any client. Reading it costs the target some milliseconds, so it is read when you ask.',
      element('div', { class: 'fields' }, this.#run.root, read),
      this.#outcome,
      this.#tables,
      this.#records,
    )
  }

  show(): void {}

  restart(): void {
    this.#tables.replaceChildren()
    this.#records.replaceChildren()
    write(this.#outcome, 'The ledger began again with the target.')
  }

  async #read(): Promise<void> {
    try {
      const { value } = this.#run.control
      const ledger = await ask<PageLedger>('GET', `${this.#base}/ledger${query({ run: value })}`)
      const runs = [...new Set([...ledger.runs, ledger.run])].reverse()
      setChoices(this.#run.control, Object.fromEntries(runs.map(run => [run, run])))
      this.#run.control.value = ledger.run
      this.#tables.replaceChildren(...ledger.tables.map(table => this.#table(ledger.run, table)))
      this.#records.replaceChildren()
      write(this.#outcome, `Run ${ledger.run}, read at ${new Date().toTimeString().slice(0, 8)}`)
    } catch (error) {
      write(this.#outcome, reasonOf(error))
    }
  }

  #table(run: string, table: LedgerTable): HTMLElement {
    const opens = table.title === REQUESTS
    return ledgerTable(
      table,
      opens ? `${table.title}: an operation opens its latest records` : table.title,
      opens ? operation => void this.#open(run, operation) : undefined,
    )
  }

  async #open(run: string, operation: string): Promise<void> {
    try {
      const records = await ask<PageRecords>('GET', `${this.#base}/records${query({ run, operation })}`)
      const title = `The latest ${records.rows.length} records of ${operation} in run ${run}, newest first`
      this.#records.replaceChildren(ledgerTable(records, title, undefined))
      this.#records.focus()
    } catch (error) {
      write(this.#outcome, reasonOf(error))
    }
  }
}

function query(parts: Record<string, string>): string {
  const known = Object.entries(parts).filter(([, value]) => value !== '')
  return known.length === 0 ? '' : `?${new URLSearchParams(Object.fromEntries(known)).toString()}`
}

type LedgerRow = { at: number; cells: readonly string[] }

function ledgerTable(
  { columns, rows }: LedgerTable,
  caption: string,
  onOpen: ((name: string) => void) | undefined,
): HTMLElement {
  const table = new LiveTable<LedgerRow>({
    caption,
    columns: columns.map((title, at) => ({ title, cell: ({ cells }: LedgerRow) => cells[at] ?? '' })),
    key: ({ at }) => String(at),
    empty: 'Nothing',
    most: MOST_ROWS,
    ...(onOpen && { onOpen: ({ cells }: LedgerRow) => onOpen(cells[0] ?? '') }),
  })
  table.show(rows.map((cells, at) => ({ at, cells })))
  return table.root
}
