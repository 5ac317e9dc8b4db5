import type { RunFeedState, RunFeedThreshold } from '../run-feed.ts'
import { element, write } from '../widgets/element.ts'
import { bytes, count, milliseconds, number, percent, perSecond } from '../widgets/quantity.ts'
import { LiveTable } from './live-table.ts'
import { type RunPanel, runPanelFrame } from './run-panel.ts'

const thresholdStates = { passed: '✓ holds', failed: '✗ fails', 'no-data': '· no data' } as const

/** Whether the thresholds hold, and whether the numbers mean anything. */
export class JudgementPanel implements RunPanel {
  readonly root: HTMLElement
  readonly #thresholds = new LiveTable('Thresholds', ['state', 'metric', 'condition', 'is', 'samples'], [1, 2])
  readonly #noThresholds = element('p', { class: 'muted' }, 'This run has no thresholds.')
  readonly #validity = element('p', { 'data-validity': '' })
  readonly #findings = new LiveTable(
    'Questions about the generator',
    ['state', 'question', 'observed', 'limit'],
    [1, 2, 3],
  )

  constructor() {
    this.root = runPanelFrame(
      'judgement',
      'Thresholds and validity',
      'Thresholds decide the exit code. They mean something only if the generator kept up, which validity says.',
      this.#noThresholds,
      this.#thresholds.root,
      this.#validity,
      this.#findings.root,
    )
  }

  show({ thresholds, validity }: RunFeedState): void {
    this.#noThresholds.hidden = thresholds.length > 0
    this.#thresholds.root.hidden = thresholds.length === 0
    this.#thresholds.show(
      thresholds.map(threshold => ({
        key: `${threshold.metric} ${threshold.expression}`,
        state: threshold.state,
        cells: [
          thresholdStates[threshold.state],
          threshold.metric,
          threshold.expression,
          threshold.observed === undefined ? '–' : quantity(threshold.observed, threshold.unit),
          count(threshold.samples),
        ],
      })),
    )
    const words =
      validity === undefined
        ? 'Validity is judged after a few seconds.'
        : validity.state === 'valid'
          ? 'The numbers describe the target: the generator kept up.'
          : 'The numbers are doubtful: they say more about the generator than about the target.'
    write(this.#validity, words)
    this.#validity.dataset['validity'] = validity?.state ?? ''
    this.#findings.root.hidden = validity === undefined
    this.#findings.show(
      (validity?.findings ?? []).map(({ question, state, observed, limit }) => ({
        key: question,
        state: state === 'ok' ? 'passed' : 'failed',
        cells: [state === 'ok' ? '✓ yes' : '✗ no', question, observed, limit],
      })),
    )
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
