import type { RunFeedError, RunFeedLoad, RunFeedState, StreamFate } from '../run-feed.ts'
import { element, write } from '../widgets/element.ts'
import { LiveTable } from '../widgets/live-table.ts'
import { count, milliseconds } from '../widgets/quantity.ts'
import { panelFrame } from '../widgets/panel-frame.ts'
import { offset } from './offset.ts'
import type { RunPanel } from './run-panel.ts'

const MOST_ROWS = 500

interface RunChangeRow {
  ordinal: number
  atMs: number
  change: string
  detail: string
}

/** A number of events, with its name. */
type EventCount = readonly [name: string, value: string]

const fate = (title: string, value: (fate: StreamFate) => number) => ({
  title,
  cell: (row: StreamFate) => count(value(row)),
})

/** Errors, the fates of events, loads and changes: tables that are there once they have rows. */
export class DetailsPanel implements RunPanel {
  readonly root = element('div', {})
  readonly #errors = new LiveTable<RunFeedError>({
    caption: 'Most frequent first',
    columns: [
      { title: 'reason', cell: ({ reason, status }) => (status === undefined ? reason : `${reason} ${status}`) },
      { title: 'where', isText: true, cell: ({ name }) => name },
      { title: 'count', cell: error => count(error.count) },
      { title: 'last at', cell: ({ lastMs }) => offset(lastMs / 1000) },
      { title: 'example', isText: true, cell: ({ example }) => example },
    ],
    key: ({ reason, status, name }) => `${reason} ${status ?? ''} ${name}`,
    empty: 'Nothing has failed.',
    most: MOST_ROWS,
  })
  readonly #otherErrors = element('p', { class: 'muted' })
  readonly #client = new LiveTable<EventCount>({
    caption: 'By the clients',
    columns: [
      { title: 'events', cell: ([name]) => name },
      { title: 'so far', cell: ([, value]) => value },
    ],
    key: ([name]) => name,
    empty: 'There are no events.',
    most: MOST_ROWS,
  })
  readonly #fates = new LiveTable<StreamFate>({
    caption: 'By the ledger of the target, over all consumers',
    columns: [
      { title: 'stream', cell: ({ stream }) => stream },
      fate('offered', ({ offered }) => offered),
      fate('delivered', ({ delivered }) => delivered),
      fate('dropped', ({ dropped }) => dropped),
      fate('left out', ({ leftOut }) => leftOut),
      fate('unsent', ({ unsent }) => unsent),
      fate('unexplained', ({ unexplained }) => unexplained),
    ],
    key: ({ stream }) => stream,
    empty: 'The ledger knows of no stream that was followed.',
    most: MOST_ROWS,
  })
  readonly #loads = new LiveTable<RunFeedLoad>({
    caption: 'Loads by name',
    columns: [
      { title: 'load', cell: ({ name = '' }) => name },
      { title: 'plan', isText: true, cell: ({ inWords }) => inWords },
      { title: 'now', isText: true, cell: stateOf },
    ],
    key: ({ name = '' }) => name,
    empty: 'There is one load.',
    most: MOST_ROWS,
  })
  readonly #changes = new LiveTable<RunChangeRow>({
    caption: 'In order of time',
    columns: [
      { title: 'at', cell: ({ atMs }) => offset(atMs / 1000) },
      { title: 'change', isText: true, cell: ({ change }) => change },
      { title: 'what came of it', isText: true, cell: ({ detail }) => detail },
    ],
    key: ({ ordinal }) => String(ordinal),
    empty: 'Nothing was changed.',
    most: MOST_ROWS,
  })
  readonly #sections: Record<'errors' | 'events' | 'loads' | 'changes', HTMLElement>

  constructor() {
    this.#sections = {
      errors: panelFrame(
        'errors',
        'Errors',
        'Failures by reason: a refused connection, a timeout and a status of the server need different remedies.',
        this.#errors.root,
        this.#otherErrors,
      ),
      events: panelFrame(
        'events',
        'Delivery of events',
        'Every event that a consumer should have received is accounted for: what remains unexplained is lost.',
        this.#client.root,
        this.#fates.root,
      ),
      loads: panelFrame('loads', 'Loads', 'What was planned, and what live control has made of it.', this.#loads.root),
      changes: panelFrame(
        'marks',
        'Changes and phases',
        'What was done to the target or to the run: the verticals and bands in the charts.',
        this.#changes.root,
      ),
    }
    this.root.append(...Object.values(this.#sections))
  }

  show(state: RunFeedState): void {
    const { errors, errorsNotShown, deliveries, loads, totals } = state
    const sections = this.#sections
    sections.errors.hidden = errors.length === 0
    this.#errors.show(errors)
    write(this.#otherErrors, errorsNotShown > 0 ? `There are ${count(errorsNotShown)} more kinds of failures.` : '')
    sections.events.hidden = totals.events.published + totals.events.delivered + deliveries.length === 0
    this.#client.show(eventCounts(state))
    this.#fates.show(deliveries)
    sections.loads.hidden = loads.length < 2
    this.#loads.show(loads)
    const changes = changeRows(state)
    sections.changes.hidden = changes.length === 0
    this.#changes.show(changes)
  }
}

function stateOf({ isOver, isPaused, factor }: RunFeedLoad): string {
  if (isOver) return 'over'
  if (isPaused) return 'paused'
  return factor === 1 ? 'as planned' : `${Number(factor.toPrecision(3))} × the plan`
}

function eventCounts({ totals: { events } }: RunFeedState): EventCount[] {
  const { published, delivered, gaps, duplicates, outOfOrder, endToEnd } = events
  return [
    ['published', count(published)],
    ['received', count(delivered)],
    ['gaps: never received', count(gaps)],
    ['duplicates', count(duplicates)],
    ['out of order', count(outOfOrder)],
    ['end to end, p95', milliseconds(endToEnd.p95Ms)],
  ]
}

function changeRows({ marks, phases }: RunFeedState): RunChangeRow[] {
  const all = [
    ...phases.map(({ name, fromMs, toMs }) => ({
      atMs: fromMs,
      change: `phase ${name}`,
      detail: `until ${offset(toMs / 1000)}`,
    })),
    ...marks.map(({ atMs, label, detail }) => ({ atMs, change: label, detail })),
  ]
  return all.sort((a, b) => a.atMs - b.atMs).map((row, ordinal) => ({ ordinal, ...row }))
}
