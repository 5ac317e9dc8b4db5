import { aligned } from '../../results/known-values.ts'
import type { GroupLag, MemberLag } from '../../results/lag.ts'
import type { StreamDeliveries } from '../../results/ledger-findings.ts'
import type { RunResult } from '../../results/run-result.ts'
import { formatCount } from '../../../core/number-format.ts'
import { formatMs, formatOffset, formatPart } from '../quantity.ts'
import type { Chart, LineStyle, Tone } from './chart.ts'
import { html, type Markup } from './markup.ts'
import { type Column, numeric, section, sortable, table } from './table.ts'

/** More lines could not be told apart. */
const looks: readonly (readonly [Tone, LineStyle])[] = [
  ['violet', 'solid'],
  ['teal', 'dashed'],
  ['blue', 'dotted'],
  ['orange', 'dashed'],
  ['grey', 'solid'],
]

/** Returns a chart for each group, with the members that were most behind. */
export function lagCharts({ groups }: RunResult['lag'], points: number): Chart[] {
  return groups.map(({ stream, group, members }, index) => ({
    id: `lag-${index}`,
    title: `Lag of the group ${group} on ${stream}, events`,
    note: 'Events that the target had not handed to each member yet, as it reported once a second.',
    series: members.slice(0, looks.length).map((each, index) => {
      const [tone, line] = looks[index] as (typeof looks)[number]
      return { label: each.member, tone, line, values: aligned(each, points) }
    }),
  }))
}

/** The parts of the page about the lag of consumer groups and the outcome of every event. */
export function delivery(result: RunResult): Markup {
  return html`${lag(result)}${deliveries(result)}`
}

type LagRow = Omit<MemberLag, 'member' | 'partitions'> & { who: Markup | string; partitions: string }

function lag({ lag: { groups, unavailable } }: RunResult): Markup | undefined {
  if (groups.length === 0 && unavailable === undefined) return undefined
  const columns: Column<LagRow>[] = [
    { title: 'Group and members', kind: 'head', cell: ({ who }) => who },
    { title: 'Partitions at the end', cell: ({ partitions }) => partitions },
    numeric('Peak lag, events', ({ peak }) => formatCount(peak)),
    numeric('at', ({ peak, peakAtMs }) => (peak === 0 ? '–' : formatOffset(peakAtMs))),
    numeric('At the end', ({ atEnd }) => formatCount(atEnd)),
    numeric('Caught up after', caughtUp),
  ]
  return section(
    'lag',
    'Consumer lag',
    html`<p>Accepted events that the target had not handed to the members of a group yet, as it reported once a second. Events in the buffers
of both kernels count as handed over; <em>Event latency end to end</em> shows the age of the events that arrived.</p>\n`,
    unavailable !== undefined && html`<p class="aside">The lag of some groups is unknown: ${unavailable}.</p>\n`,
    groups.length > 0 && table('How far consumer groups were behind', columns, groups.flatMap(rowsOf)),
  )
}

function rowsOf(group: GroupLag): LagRow[] {
  const { members, incomplete } = group
  const more = incomplete && html`, with more members than are shown`
  return [
    { ...group, who: html`<strong>${group.group}</strong> on ${group.stream}${more}`, partitions: '' },
    ...members.map(member => ({ ...member, who: member.member, partitions: member.partitions.join(', ') || 'none' })),
  ]
}

function caughtUp({ peak, caughtUpAfterMs }: LagRow): string {
  if (peak === 0) return '–'
  return caughtUpAfterMs === undefined ? 'never' : formatMs(caughtUpAfterMs)
}

function deliveries({ deliveries }: RunResult): Markup | undefined {
  const followed = deliveries.filter(({ offered }) => offered > 0)
  if (followed.length === 0) return undefined
  const unexplained = followed.reduce((sum, row) => sum + Math.abs(row.unexplained), 0)
  const policies = [...new Set(followed.flatMap(({ dropped }) => Object.keys(dropped)))].sort()
  const columns: Column<StreamDeliveries>[] = [
    { title: 'Stream', kind: 'head', cell: ({ stream }) => stream, order: ({ stream }) => stream },
    sortable('Published', ({ accepted }) => accepted),
    sortable('Offered', ({ offered }) => offered),
    sortable('Delivered', ({ delivered }) => delivered),
    ...policies.map(policy =>
      sortable<StreamDeliveries>(`Dropped: ${policy.replaceAll('_', ' ')}`, ({ dropped }) => dropped[policy] ?? 0),
    ),
    sortable('Filtered', ({ filtered }) => filtered),
    sortable('Other members’', ({ elsewhere }) => elsewhere),
    sortable('Expired', ({ expired }) => expired),
    sortable('Unsent', ({ unsent }) => unsent),
    sortable(
      'Unexplained',
      ({ unexplained }) => unexplained,
      count => (count === 0 ? '0' : html`<strong class="differs">${formatCount(count)}</strong>`),
    ),
  ]
  const mark = unexplained === 0 ? html`<span class="state passed">✓</span>` : html`<span class="state failed">✗</span>`
  const offered = followed.reduce((sum, row) => sum + row.offered, 0)
  const delivered = followed.reduce((sum, row) => sum + row.delivered, 0)
  return section(
    'deliveries',
    'What became of every event',
    html`<p>${mark} ${unexplained === 0 ? 'Every one is explained' : `${formatCount(unexplained)} are not explained`}:
${formatCount(offered)} were offered, ${formatPart(delivered, offered)} of them delivered.</p>\n`,
    table('The ledger of deliveries by stream', columns, followed),
    html`<p class="aside">From the target’s ledger. An event is offered to each consumer that follows its stream while it comes in; those of the ambient feed as well,
which nobody published. Unsent: the consumer left before it was handed over.</p>\n`,
  )
}
