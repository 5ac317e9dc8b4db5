import type { RunFeedState } from '../run-feed.ts'
import { element } from '../widgets/element.ts'
import { count, milliseconds } from '../widgets/quantity.ts'
import { LiveTable } from './live-table.ts'
import { offset } from './offset.ts'
import { type RunPanel, runPanelFrame } from './run-panel.ts'

/** Errors, the fates of events, loads and changes: tables that are there once they have rows. */
export class DetailsPanel implements RunPanel {
  readonly root = element('div', {})
  readonly #errors = new LiveTable('Most frequent first', ['reason', 'where', 'count', 'last at', 'example'], [1, 4])
  readonly #client = new LiveTable('By the clients', ['', 'events'])
  readonly #fates = new LiveTable('By the ledger of the target, over all consumers', [
    'stream',
    'offered',
    'delivered',
    'dropped',
    'left out',
    'unsent',
    'unexplained',
  ])
  readonly #loads = new LiveTable('Loads', ['load', 'plan', 'now'], [1, 2])
  readonly #marks = new LiveTable('In order of time', ['at', 'change', 'what came of it'], [1, 2])
  readonly #sections: Record<'errors' | 'events' | 'loads' | 'marks', HTMLElement>

  constructor() {
    this.#sections = {
      errors: runPanelFrame(
        'errors',
        'Errors',
        'Failures by reason: a refused connection, a timeout and a status of the server need different remedies.',
        this.#errors.root,
      ),
      events: runPanelFrame(
        'events',
        'Delivery of events',
        'Every event that a consumer should have received is accounted for: what remains unexplained is lost.',
        this.#client.root,
        this.#fates.root,
      ),
      loads: runPanelFrame(
        'loads',
        'Loads',
        'What was planned, and what live control has made of it.',
        this.#loads.root,
      ),
      marks: runPanelFrame(
        'marks',
        'Changes and phases',
        'What was done to the target or to the run: the verticals and bands in the charts.',
        this.#marks.root,
      ),
    }
    this.root.append(...Object.values(this.#sections))
  }

  show(state: RunFeedState): void {
    const { errors, errorsNotShown, deliveries, loads, totals } = state
    const { errors: ofErrors, events, loads: ofLoads, marks: ofMarks } = this.#sections
    ofErrors.hidden = errors.length === 0
    this.#errors.show([
      ...errors.map(({ reason, status, name, count: number, lastMs, example }) => ({
        key: `${reason} ${status ?? ''} ${name}`,
        cells: [
          status === undefined ? reason : `${reason} ${status}`,
          name,
          count(number),
          offset(lastMs / 1000),
          example,
        ],
      })),
      ...(errorsNotShown > 0 ? [{ key: 'more', cells: [`${count(errorsNotShown)} more kinds`, '', '', '', ''] }] : []),
    ])
    events.hidden = totals.events.published + totals.events.delivered + deliveries.length === 0
    this.#client.show(clientRows(state))
    this.#fates.root.hidden = deliveries.length === 0
    this.#fates.show(
      deliveries.map(({ stream, offered, delivered, dropped, leftOut, unsent, unexplained }) => ({
        key: stream,
        cells: [stream, ...[offered, delivered, dropped, leftOut, unsent, unexplained].map(count)],
      })),
    )
    ofLoads.hidden = loads.length < 2
    this.#loads.show(
      loads.map(({ name = 'load', inWords, isPaused, factor, isOver }) => ({
        key: name,
        cells: [
          name,
          inWords,
          isOver
            ? 'over'
            : isPaused
              ? 'paused'
              : factor === 1
                ? 'as planned'
                : `${Number(factor.toPrecision(3))} × the plan`,
        ],
      })),
    )
    const rows = changeRows(state)
    ofMarks.hidden = rows.length === 0
    this.#marks.show(rows)
  }
}

function clientRows({ totals: { events } }: RunFeedState) {
  const { published, delivered, gaps, duplicates, outOfOrder, endToEnd } = events
  const rows: [string, string][] = [
    ['published', count(published)],
    ['received', count(delivered)],
    ['gaps: never received', count(gaps)],
    ['duplicates', count(duplicates)],
    ['out of order', count(outOfOrder)],
    ['end to end, p95', milliseconds(endToEnd.p95Ms)],
  ]
  return rows.map(([key, value]) => ({ key, cells: [key, value] }))
}

function changeRows({ marks, phases }: RunFeedState) {
  return [
    ...phases.map(({ name, fromMs, toMs }) => ({
      atMs: fromMs,
      words: `phase ${name}`,
      detail: `until ${offset(toMs / 1000)}`,
    })),
    ...marks.map(({ atMs, label, detail }) => ({ atMs, words: label, detail })),
  ]
    .sort((a, b) => a.atMs - b.atMs)
    .map(({ atMs, words, detail }, at) => ({ key: String(at), cells: [offset(atMs / 1000), words, detail] }))
}
