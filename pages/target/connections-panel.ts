import type { ConnectionsNow, TargetSnapshot } from '../../contract/target-page.ts'
import { LargeNumbers } from '../widgets/large-numbers.ts'
import { LiveTable } from '../widgets/live-table.ts'
import { bytes, count, percent } from '../widgets/quantity.ts'
import { panelFrame } from '../widgets/panel-frame.ts'
import type { LivePanel } from './panel.ts'

type FullConnection = ConnectionsNow['fullest'][number] & { rank: number }

/** Open streams and WebSockets, and what waits for their clients. */
export class ConnectionsPanel implements LivePanel {
  readonly root: HTMLElement
  readonly #numbers = new LargeNumbers({
    open: 'streams and WebSockets open',
    buffered: 'wait for clients',
    idle: 'nothing waits',
    small: 'less than 16 KiB',
    middle: '16 to 256 KiB',
    large: '256 KiB and more',
  })
  readonly #fullest = new LiveTable<FullConnection>({
    caption: 'Connections for which most waits',
    columns: [
      { title: 'operation', cell: ({ operation }) => operation },
      { title: 'client', isText: true, cell: ({ key }) => (key === '' ? 'without a key' : key) },
      { title: 'tenant', isText: true, cell: ({ tenant }) => tenant },
      { title: 'waiting', cell: ({ bufferedBytes }) => bytes(bufferedBytes) },
      { title: 'of its budget', cell: ({ filled }) => percent(filled) },
      { title: 'sent', cell: ({ sentBytes }) => bytes(sentBytes) },
    ],
    key: ({ rank }) => String(rank),
    empty: 'Nothing waits for any client.',
    most: 8,
  })

  constructor() {
    this.root = panelFrame(
      'connections',
      'Connections',
      'What waits for a client is what it has not read: slow consumers show here before the target drops or disconnects them.',
      this.#numbers.root,
      this.#fullest.root,
    )
  }

  show({ connections: { open, bufferedBytes, sizes, fullest } }: TargetSnapshot): void {
    const [idle, small, middle, large] = sizes.map(count) as [string, string, string, string]
    this.#numbers.show({ open: count(open), buffered: bytes(bufferedBytes), idle, small, middle, large })
    const behind = fullest.filter(({ bufferedBytes }) => bufferedBytes > 0)
    this.#fullest.show(behind.map((connection, rank) => ({ ...connection, rank })))
  }

  restart(): void {}
}
