import type { FaultNow, TargetSetup, TargetSnapshot } from '../../contract/target-page.ts'
import { element, write } from '../widgets/element.ts'
import { LiveTable } from '../widgets/live-table.ts'
import { clockTime, count, percent } from '../widgets/quantity.ts'
import { panelFrame } from '../widgets/panel-frame.ts'
import type { LivePanel } from './panel.ts'

/** The fault rules in force, and whether they deliver what they promise. */
export class FaultsPanel implements LivePanel {
  readonly root: HTMLElement
  readonly #phase = element('p', { class: 'facts' })
  readonly #rules = new LiveTable<FaultNow>({
    caption: 'Fault rules, since they were set or the ledger was reset',
    columns: [
      { title: 'rule', cell: ({ id }) => id },
      { title: 'fault', isText: true, cell: ({ type }) => type },
      { title: 'configured share', cell: row => percent(row.configuredShare) },
      { title: 'delivered share', cell: row => (row.matched === 0 ? '–' : percent(row.deliveredShare)) },
      { title: 'injected', cell: ({ injected }) => count(injected) },
      { title: 'matched', cell: ({ matched }) => count(matched) },
      {
        title: 'agrees',
        isText: true,
        cell: ({ matched, agrees }) =>
          matched === 0 ? 'no match yet' : agrees ? 'yes' : 'no: outside its 99 % interval',
      },
      {
        title: 'from',
        isText: true,
        cell: ({ source, endsAt }) =>
          `${source === 'timeline' ? 'timeline' : 'rules'}${endsAt === undefined ? '' : `, until ${clockTime(endsAt)}`}`,
      },
    ],
    key: ({ source, id }) => `${source} ${id}`,
    empty: 'No rule is set: the target is healthy.',
    most: 24,
  })
  readonly #limits = new LiveTable<TargetSetup['rateLimits'][number]>({
    caption: 'Rate limits',
    columns: [
      { title: 'limit', cell: ({ name }) => name },
      { title: 'requests', cell: ({ requests, per }) => `${count(requests)} per ${per}` },
      { title: 'burst', cell: ({ requests, burst }) => count(burst ?? requests) },
      { title: 'for each', isText: true, cell: ({ by }) => by },
    ],
    key: ({ name }) => name,
    empty: 'No rate limit is set.',
    most: 24,
  })

  constructor() {
    this.root = panelFrame(
      'faults',
      'Fault rules and rate limits',
      'What the target does wrong on purpose, and the share of requests that it really did it to.',
      this.#phase,
      this.#rules.root,
      this.#limits.root,
    )
  }

  arrange({ rateLimits }: TargetSetup): void {
    this.#limits.show(rateLimits)
  }

  show({ faults, faultsNotShown, phase }: TargetSnapshot): void {
    const more = faultsNotShown > 0 ? `${count(faultsNotShown)} more rules are not shown. ` : ''
    write(this.#phase, `${more}${phase === undefined ? '' : `Phase of the timeline: ${phase}`}`)
    this.#rules.show(faults)
  }

  restart(): void {}
}
