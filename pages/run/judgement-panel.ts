import type { RunFeedState, RunFeedThreshold, RunFeedValidity } from '../run-feed.ts'
import { element, write } from '../widgets/element.ts'
import { LiveTable } from '../widgets/live-table.ts'
import { bytes, count, milliseconds, number, percent, perSecond } from '../widgets/quantity.ts'
import { panelFrame } from '../widgets/panel-frame.ts'
import type { RunPanel } from './run-panel.ts'

const thresholdStates = { passed: '✓ holds', failed: '✗ fails', 'no-data': '· no data' } as const

const MOST_ROWS = 500

type ValidityAnswer = RunFeedValidity['findings'][number]

/** Whether the thresholds hold, and whether the numbers mean anything. */
export class JudgementPanel implements RunPanel {
  readonly root: HTMLElement
  readonly #thresholds = new LiveTable<RunFeedThreshold>({
    caption: 'Thresholds',
    columns: [
      { title: 'state', cell: ({ state }) => thresholdStates[state] },
      { title: 'metric', isText: true, cell: ({ metric }) => metric },
      { title: 'condition', isText: true, cell: ({ expression }) => expression },
      { title: 'is', cell: ({ observed, unit }) => (observed === undefined ? '–' : quantity(observed, unit)) },
      { title: 'samples', cell: ({ samples }) => count(samples) },
    ],
    key: ({ metric, expression }) => `${metric} ${expression}`,
    empty: 'This run has no thresholds.',
    most: MOST_ROWS,
    state: ({ state }) => state,
  })
  readonly #validity = element('p', { 'data-validity': '' })
  readonly #findings = new LiveTable<ValidityAnswer>({
    caption: 'Questions about the generator',
    columns: [
      { title: 'answer', cell: ({ state }) => (state === 'ok' ? '✓ yes' : '✗ no') },
      { title: 'question', isText: true, cell: ({ question }) => question },
      { title: 'observed', isText: true, cell: ({ observed }) => observed },
      { title: 'limit', isText: true, cell: ({ limit }) => limit },
    ],
    key: ({ question }) => question,
    empty: 'Not judged yet.',
    most: MOST_ROWS,
    state: ({ state }) => (state === 'ok' ? 'passed' : 'failed'),
  })

  constructor() {
    this.root = panelFrame(
      'judgement',
      'Thresholds and validity',
      'Thresholds decide the exit code. They mean something only if the generator kept up, which validity says.',
      this.#thresholds.root,
      this.#validity,
      this.#findings.root,
    )
  }

  show({ thresholds, validity }: RunFeedState): void {
    this.#thresholds.show(thresholds)
    const words =
      validity === undefined
        ? 'Validity is judged after a few seconds.'
        : validity.state === 'valid'
          ? 'The numbers describe the target: the generator kept up.'
          : 'The numbers are doubtful: they say more about the generator than about the target.'
    write(this.#validity, words)
    this.#validity.dataset['validity'] = validity?.state ?? ''
    this.#findings.show(validity?.findings ?? [])
  }
}

function quantity(value: number, unit: RunFeedThreshold['unit']): string {
  switch (unit) {
    case 'ms':
      return milliseconds(value)
    case 'share':
      return percent(value)
    case 'bytes':
      return bytes(value)
    case 'count':
      return count(value)
    case 'per second':
      return perSecond(value)
    default:
      return `${number(value)} ${unit}`
  }
}
