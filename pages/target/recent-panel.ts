import type { RecentRequest, TargetSnapshot } from '../../contract/target-page.ts'
import { element } from '../widgets/element.ts'
import { LiveTable } from '../widgets/live-table.ts'
import { clockTime, milliseconds } from '../widgets/quantity.ts'
import { type BarPart, StackedBar } from '../widgets/stacked-bar.ts'
import { panelFrame } from '../widgets/panel-frame.ts'
import type { LivePanel } from './panel.ts'

const MOST = 12
type RankedRequest = RecentRequest & { rank: number; longestMs: number }

/** Parts of the time of a request, in the order in which it passes them. */
function partsOf(request: RecentRequest): BarPart[] {
  const { totalMs, delayedMs, queuedMs, servedMs, handlerMs, sendingMs } = request
  const known = delayedMs + queuedMs + servedMs + handlerMs + sendingMs
  return [
    { label: 'delayed by faults', color: 'orange', value: delayedMs },
    { label: 'waiting in a queue', color: 'violet', value: queuedMs },
    { label: 'served at a station', color: 'teal', value: servedMs },
    { label: 'handled', color: 'blue', value: handlerMs },
    { label: 'sending', color: 'red', value: sendingMs },
    { label: 'other', color: 'grey', value: Math.max(0, totalMs - known) },
  ]
}

const words = (parts: readonly BarPart[]) =>
  parts
    .filter(({ value }) => value >= 0.005)
    .map(({ label, value }) => `${label} ${milliseconds(value)}`)
    .join(', ')

/** The latest requests, and where their time went. */
export class RecentPanel implements LivePanel {
  readonly root: HTMLElement
  readonly #bars = Array.from({ length: MOST }, () => new StackedBar())
  readonly #requests = new LiveTable<RankedRequest>({
    caption: 'The latest requests, newest first',
    columns: [
      { title: 'request', cell: ({ operation }) => operation },
      { title: 'came at', cell: ({ startedAt }) => clockTime(startedAt) },
      { title: 'status', cell: ({ status }) => (status === 0 ? 'none' : String(status)) },
      { title: 'total', cell: ({ totalMs }) => milliseconds(totalMs) },
      { title: 'where it went', isText: true, cell: request => this.#barOf(request) },
      { title: 'mostly', isText: true, cell: request => longestPart(request) },
      { title: 'outcome', isText: true, cell: ({ outcome, late }) => `${outcome}${late ? ', target late' : ''}` },
      { title: 'run', isText: true, cell: ({ run }) => run },
    ],
    key: ({ rank }) => String(rank),
    empty: 'No request has ended since this page was opened.',
    most: MOST,
  })

  constructor() {
    const legend = element('ul', { class: 'legend' })
    for (const { label, color } of partsOf(NOTHING))
      legend.append(element('li', {}, element('i', { class: `mark thick ${color}`, 'aria-hidden': 'true' }), label))
    this.root = panelFrame(
      'recent',
      'Recent requests',
      'Where the time of single requests went: a long wait in a queue and a slow handler look the same from outside.',
      legend,
      this.#requests.root,
    )
  }

  show({ recent }: TargetSnapshot): void {
    const longestMs = Math.max(...recent.map(({ totalMs }) => totalMs))
    this.#requests.show(recent.map((request, rank) => ({ ...request, rank, longestMs })))
  }

  restart(): void {
    this.#requests.show([])
  }

  #barOf(request: RankedRequest): Node {
    const bar = this.#bars[request.rank]!
    const parts = partsOf(request)
    bar.show(parts, request.longestMs, words(parts))
    return bar.root
  }
}

function longestPart(request: RecentRequest): string {
  const parts = partsOf(request).sort((a, b) => b.value - a.value)
  const [longest] = parts
  return longest === undefined ? '' : `${longest.label} ${milliseconds(longest.value)}`
}

const NOTHING: RecentRequest = {
  operation: 'unmatched',
  run: '',
  status: 0,
  outcome: 'completed',
  startedAt: 0,
  totalMs: 0,
  delayedMs: 0,
  queuedMs: 0,
  servedMs: 0,
  handlerMs: 0,
  sendingMs: 0,
  late: false,
}
