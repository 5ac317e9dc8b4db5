import type { RecoveredConnections, Recovery } from '../../results/recovery.ts'
import type { RunResult } from '../../results/run-result.ts'
import { formatDuration } from '../../../core/duration.ts'
import { counted, formatMs, formatPart } from '../quantity.ts'
import { formatCount } from '../../../core/number-format.ts'
import { figure, type LineStyle, rounded, type Tone } from './chart.ts'
import { html, type Markup } from './markup.ts'
import { type Column, numeric, section, table } from './table.ts'

/** Points that `page.js` draws for one kind of user: seconds from the mark, and the share that was back. */
export interface RecoveryCurve {
  label: string
  tone: Tone
  line: LineStyle
  seconds: number[]
  shares: number[]
}

/** More lines could not be told apart. */
const looks: readonly (readonly [Tone, LineStyle])[] = [
  ['blue', 'solid'],
  ['teal', 'dashed'],
  ['violet', 'dotted'],
  ['orange', 'dashed'],
]

export function recoveryCurves(recoveries: readonly Recovery[]): Record<string, RecoveryCurve[]> {
  return Object.fromEntries(
    recoveries.map(({ connections }, index) => [idOf(index), connections.slice(0, looks.length).map(curve)]),
  )
}

function curve({ who, curve }: RecoveredConnections, index: number): RecoveryCurve {
  const [tone, line] = looks[index] as (typeof looks)[number]
  const seconds = curve.map(({ afterMs }) => rounded(afterMs / 1000))
  return { label: who, tone, line, seconds, shares: curve.map(({ share }) => rounded(share)) }
}

/** The part of the page about connections that came back after a disturbance. */
export function recovery({ recoveries }: RunResult): Markup | undefined {
  if (recoveries.length === 0) return undefined
  return section('recovery', 'Recovery', recoveries.map(one))
}

function one({ atMs, label, connections }: Recovery, index: number): Markup {
  const [sum] = connections as [RecoveredConnections]
  const columns: Column<RecoveredConnections>[] = [
    { title: 'User', kind: 'head', cell: ({ who }) => who },
    numeric('Broken', ({ broken }) => formatCount(broken)),
    numeric('Back', ({ broken, back }) => formatPart(back, broken)),
    ...sum.milestones.map(({ share }, at) =>
      numeric<RecoveredConnections>(`${Math.round(share * 100)} % after`, ({ milestones }) => {
        const afterMs = milestones[at]?.afterMs
        return afterMs === undefined ? 'never' : formatMs(afterMs)
      }),
    ),
    numeric('peak in 0.1 s', ({ mostInTenthSecond }) => formatCount(mostInTenthSecond)),
  ]
  return html`<p>At ${formatDuration(atMs)}, ${label}: ${counted(sum.broken, 'connection')} broke, ${formatCount(sum.back)} came back.</p>
<div class="with-script">${figure({
    id: idOf(index),
    title: 'Share of the broken connections that was open again, % over seconds from the mark',
    note: 'A slope means that connections came back gradually; a cliff means that they came back all at once.',
  })}</div>
${table('How long it took until connections were back', columns, connections)}`
}

function idOf(index: number): string {
  return `recovery-${index}`
}
