import type { RunBreakdown } from '../../results/run-breakdown.ts'
import { failureReasons } from '../../metrics/catalog.ts'
import { type Chart, type LineStyle, rounded, type Tone } from './chart.ts'

/** More lines could not be told apart. */
const looks: readonly (readonly [Tone, LineStyle])[] = [
  ['red', 'solid'],
  ['orange', 'dashed'],
  ['violet', 'dotted'],
  ['blue', 'dashed'],
  ['teal', 'solid'],
]

/** Returns the chart of failures by status or reason; none without failures. */
export function failureChart({ toMs, kinds, others = [] }: RunBreakdown['failures']): Chart[] {
  if (kinds.length === 0) return []
  const fromMs = (at: number) => toMs[at - 1] ?? 0
  const perSecond = (counts: readonly number[]) =>
    counts.map((count, at) => rounded((count * 1000) / Math.max(1, (toMs[at] ?? 0) - fromMs(at))))
  const shown = kinds.slice(0, looks.length)
  const rest = [...kinds.slice(looks.length).map(({ counts }) => counts), others]
  const restCounts = toMs.map((_, at) => rest.reduce((sum, counts) => sum + (counts[at] ?? 0), 0))
  return [
    {
      id: 'failures',
      title: 'Failures a second, by status or reason',
      note: 'Failed requests by the status of their answer, or by the reason why there was none; exceptions of the scenario as well.',
      rates: true,
      seconds: toMs.map((endMs, at) => rounded((fromMs(at) + endMs) / 2000)),
      series: [
        ...shown.map(({ reason, status, counts }, index) => {
          const [tone, line] = looks[index] as (typeof looks)[number]
          return {
            label: status === undefined ? failureReasons[reason] : String(status),
            tone,
            line,
            values: perSecond(counts),
          }
        }),
        ...(restCounts.some(count => count > 0)
          ? [{ label: 'others', tone: 'grey', line: 'dotted', values: perSecond(restCounts) } as const]
          : []),
      ],
    },
  ]
}
