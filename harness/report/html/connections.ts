import type { Closer } from '../../results/connections.ts'
import type { RunResult } from '../../results/run-result.ts'
import type { Totals } from '../../results/totals.ts'
import type { TrendSummary } from '../../results/trend-summary.ts'
import { formatCount } from '../../../core/number-format.ts'
import { formatMs } from '../quantity.ts'
import { html, type Markup } from './markup.ts'
import { type Column, type Fact, facts, quantiles, section, sortable, table } from './table.ts'

/** The part of the page that says how many streams and WebSockets were opened, how fast, and how they ended. */
export function connections({ totals }: RunResult): Markup | undefined {
  const { streams, sockets } = totals
  if (streams.opened === 0 && sockets.opened === 0) return undefined
  return section(
    'connections',
    streams.opened === 0 ? 'WebSockets' : sockets.opened === 0 ? 'Streams' : 'Streams and WebSockets',
    html`<div class="columns">
${streams.opened > 0 && streamFacts(totals)}
${sockets.opened > 0 && socketFacts(totals)}
</div>
`,
    table('How streams and WebSockets ended', columns, endingsOf(totals)),
  )
}

function streamFacts({ streams }: Totals): Markup {
  return html`${facts([
    ['Streams opened', formatCount(streams.opened)],
    ['peak, open at once', formatCount(streams.peakOpen)],
    ['reconnects', formatCount(streams.reconnects)],
    ['told that events were lost', formatCount(streams.resets)],
  ])}
${facts([...quantiles('Opening', streams.connecting), ...quantiles('To its first event', streams.firstEvent)])}`
}

function socketFacts({ sockets }: Totals): Markup {
  const pings: Fact[] = sockets.ping.count > 0 ? quantiles('Ping', sockets.ping) : []
  return html`${facts([
    ['WebSockets opened', formatCount(sockets.opened)],
    ['peak, open at once', formatCount(sockets.peakOpen)],
    ['reconnects', formatCount(sockets.reconnects)],
    ...quantiles('Opening', sockets.connecting),
  ])}
${facts([
  ['Frames sent', formatCount(sockets.framesSent)],
  ['Frames received', formatCount(sockets.framesReceived)],
  ['of which events', formatCount(sockets.events)],
  ['Requests unanswered', formatCount(sockets.unansweredRequests)],
  ...quantiles('Request to answer', sockets.response),
  ...pings,
])}`
}

/** How some of the connections ended. */
interface EndingRow {
  count: number
  /** Sign of the end: the end of a stream's body, or a close code. */
  sign: string
  by: Closer
  meaning: string
  lifetime: TrendSummary
}

const streamMeanings: Record<Closer, string> = {
  client: 'The harness closed the stream.',
  target: 'The target ended the body.',
  lost: 'The connection broke before the body was complete.',
}

function endingsOf({ streams, sockets }: Totals): EndingRow[] {
  return [
    ...streams.closed.map(closing => ({ ...closing, sign: 'stream', meaning: streamMeanings[closing.by] })),
    ...sockets.closed.map(closing => ({ ...closing, sign: `${closing.code} ${closing.name.replaceAll('_', ' ')}` })),
  ]
}

const columns: Column<EndingRow>[] = [
  sortable('Count', ({ count }) => count),
  { title: 'Ended with', kind: 'head', cell: ({ sign }) => sign, order: ({ sign }) => sign },
  { title: 'By', cell: ({ by }) => (by === 'lost' ? 'nobody, it was lost' : `the ${by}`), order: ({ by }) => by },
  { title: 'Meaning', kind: 'prose', cell: ({ meaning }) => meaning },
  sortable('Open for, median', ({ lifetime }) => lifetime.p50Ms, formatMs),
  sortable('longest', ({ lifetime }) => lifetime.maxMs, formatMs),
]
