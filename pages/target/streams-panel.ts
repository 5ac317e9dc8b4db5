import type { StreamNow, TargetSnapshot } from '../../contract/target-page.ts'
import { element, write } from '../widgets/element.ts'
import { LiveTable } from '../widgets/live-table.ts'
import { count, perSecond } from '../widgets/quantity.ts'
import { panelFrame } from '../widgets/panel-frame.ts'
import type { LivePanel } from './panel.ts'

interface PartitionRow {
  stream: StreamNow
  partition: number
}

interface GroupBehind {
  stream: StreamNow
  group: StreamNow['groups'][number]
}

const MOST_PARTITIONS = 32
const nameOf = ({ tenant, stream }: StreamNow) => `${tenant} / ${stream}`

/** Events, partitions, and how far consumer groups are behind. */
export class StreamsPanel implements LivePanel {
  readonly root: HTMLElement
  readonly #words = element('p', { class: 'facts' })
  readonly #streams = new LiveTable<StreamNow>({
    caption: 'Streams, the busiest first',
    columns: [
      { title: 'stream', cell: nameOf },
      { title: 'events', cell: row => perSecond(row.acceptedPerSecond) },
      { title: 'accepted', cell: row => count(row.accepted) },
      { title: 'readers', cell: row => count(row.followers) },
      { title: 'groups', cell: row => count(row.groups.length + row.groupsNotShown) },
    ],
    key: nameOf,
    empty: 'No event has been published yet.',
    most: 8,
  })
  readonly #groups = new LiveTable<GroupBehind>({
    caption: 'Consumer groups: events not yet handed over',
    columns: [
      { title: 'group', cell: ({ group }) => group.group },
      { title: 'stream', isText: true, cell: ({ stream }) => nameOf(stream) },
      { title: 'members', cell: ({ group }) => count(group.members) },
      { title: 'lag', cell: ({ group }) => count(group.lag) },
      { title: 'lag by partition', isText: true, cell: ({ group }) => group.lags.map(count).join(' · ') },
    ],
    key: ({ stream, group }) => `${nameOf(stream)} ${group.group}`,
    empty: 'No consumer group has joined.',
    most: 24,
  })
  readonly #partitions = new LiveTable<PartitionRow>({
    caption: 'Partitions and their offsets',
    columns: [
      { title: 'partition', cell: ({ stream, partition }) => `${nameOf(stream)} ${partition}` },
      { title: 'oldest kept', cell: ({ stream, partition }) => count(stream.partitions[partition]!.first) },
      { title: 'next offset', cell: ({ stream, partition }) => count(stream.partitions[partition]!.next) },
      {
        title: 'share of events',
        cell: ({ stream, partition }) =>
          stream.accepted === 0 ? '–' : `${Math.round((stream.partitions[partition]!.next / stream.accepted) * 100)} %`,
      },
    ],
    key: ({ stream, partition }) => `${nameOf(stream)} ${partition}`,
    empty: 'No stream has events.',
    most: MOST_PARTITIONS,
  })

  constructor() {
    const partitions = element('details', {}, element('summary', {}, 'Partitions and offsets'), this.#partitions.root)
    this.root = panelFrame(
      'streams',
      'Streams',
      'A group whose lag grows reads more slowly than others publish; one partition that grows alone has a hot key.',
      this.#words,
      element('div', { class: 'charts' }, this.#streams.root, this.#groups.root),
      partitions,
    )
  }

  show({ streams: { streams, streamsNotShown, groups, lag } }: TargetSnapshot): void {
    const more = streamsNotShown > 0 ? ` · ${count(streamsNotShown)} quieter streams are not shown` : ''
    write(this.#words, `Consumer groups: ${count(groups)} · events not yet handed to them: ${count(lag)}${more}`)
    this.#streams.show(streams)
    this.#groups.show(streams.flatMap(stream => stream.groups.map(group => ({ stream, group }))))
    this.#partitions.show(streams.flatMap(stream => stream.partitions.map((_, partition) => ({ stream, partition }))))
  }

  restart(): void {}
}
