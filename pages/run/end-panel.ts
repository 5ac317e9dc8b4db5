import type { RunFeedState } from '../run-feed.ts'
import { element, write } from '../widgets/element.ts'
import { panelFrame } from '../widgets/panel-frame.ts'
import type { RunPanel } from './run-panel.ts'

const states: Record<string, string> = { PASSED: 'passed', FAILED: 'failed' }

/** The verdict, once the run is over. */
export class EndPanel implements RunPanel {
  readonly root: HTMLElement
  readonly #word = element('strong', { class: 'verdict' })
  readonly #detail = element('p', {})
  readonly #ledger = element('p', { class: 'muted' })
  readonly #report = element('p', {}, element('a', { href: '/report' }, 'Open the report'), ' ')
  readonly #path = element('code', {})
  readonly #summary = element('pre', {})

  constructor() {
    this.#report.append(this.#path)
    this.root = panelFrame(
      'end',
      'Verdict',
      'The run is over. All numbers on this page are final.',
      element('p', {}, this.#word),
      this.#detail,
      this.#ledger,
      this.#report,
      this.#summary,
    )
    this.root.hidden = true
  }

  show({ end }: RunFeedState): void {
    this.root.hidden = end === undefined
    if (end === undefined) return
    write(this.#word, end.word)
    this.#word.dataset['state'] = states[end.word] ?? 'doubt'
    write(this.#detail, `${end.detail} Exit code ${end.exitCode}.`)
    write(this.#ledger, `The ledger of the target: ${end.reconciliation}.`)
    this.#report.hidden = !end.hasReport
    write(this.#path, end.reportPath ?? '')
    write(this.#summary, end.summary.map(line => line.trim()).join('\n'))
  }
}
