import type { Preset } from '../contract/faults/presets.ts'
import type { FaultRuleReport, FaultsExplanation, FaultsReport, TimelineReport } from '../contract/faults/report.ts'
import { formatDuration } from '../core/duration.ts'
import { type EncodedHistogram, Histogram, MalformedHistogram } from '../core/histogram.ts'
import { InputError } from './input-error.ts'

/** Prints the rules that are on, and what they delivered against what was configured. */
export function rulesTable({ rules, presets }: FaultsReport, now: number): string[] {
  if (rules.length === 0) return ['No fault rules are on: the target is healthy.']
  const lines = table(
    [
      { title: 'rule' },
      { title: 'fault' },
      { title: 'matched', right: true },
      { title: 'injected', right: true },
      { title: 'share', right: true },
      { title: 'observed (99 %)', right: true },
      { title: 'planned p50/p99', right: true },
      { title: 'timer error p99', right: true },
      { title: 'ends in', right: true },
    ],
    rules.map(report => ruleRow(report, now)),
  )
  const off = rules.filter(({ share }) => !share.agrees).map(({ rule }) => rule.id)
  if (off.length > 0) {
    lines.push('', `Outside of its interval, as one in a hundred is by chance: ${off.join(', ')}.`)
  }
  if (presets.length > 0) lines.push('', `Presets: ${presets.join(', ')}.`)
  return lines
}

function ruleRow({ rule, source, matched, injected, share, delay, endsAt }: FaultRuleReport, now: number): string[] {
  const planned = delay && decoded(delay.planned)
  const error = delay && decoded(delay.error)
  const { low, high } = share.interval
  return [
    source === 'timeline' ? `${rule.id} (timeline)` : rule.id,
    rule.fault.type,
    String(matched),
    String(injected),
    percent(share.configured),
    matched === 0 ? '–' : `${percent(share.observed)} (${percent(low)}…${percent(high)})`,
    planned === undefined ? '–' : `${formatDuration(planned.percentile(50))}/${formatDuration(planned.percentile(99))}`,
    error === undefined ? '–' : formatDuration(error.percentile(99)),
    endsAt === undefined ? '–' : formatDuration(Math.max(0, endsAt - now)),
  ]
}

function decoded(times: EncodedHistogram): Histogram {
  try {
    return Histogram.fromJSON(times)
  } catch (error) {
    if (!(error instanceof MalformedHistogram)) throw error
    throw new InputError(
      `what the target says of its faults cannot be read: ${error.message}`,
      'Is it a Loadcell target of this version? --json shows its answer as it is.',
    )
  }
}

export function timelineLines({ timeline, phase }: TimelineReport, now: number): string[] {
  if (timeline === null) return []
  const names = timeline.phases.map(({ name, duration }) => `${name} ${duration}`).join(' → ')
  const place =
    phase === undefined
      ? 'it is over'
      : `now ${phase.name} (phase ${phase.index + 1} of ${timeline.phases.length}), for ${formatDuration(Math.max(0, phase.to - now))} more`
  return ['', `Timeline: ${names}${timeline.loop ? ', and again' : ''}; ${place}.`]
}

export function presetsTable(presets: readonly (Preset & { name: string })[]): string[] {
  return table(
    [{ title: 'preset' }, { title: 'what it does' }],
    presets.map(({ name, description }) => [name, description]),
  )
}

/** How far each rule gets with a request. */
export function explanationLines({ request, rules, strikes }: FaultsExplanation): string[] {
  const { operation, method, path, tenant, key } = request
  const named = typeof key === 'number' ? `arrival ${key} of ${operation}` : `key ${key}`
  const lines = [`${method} ${path}: ${operation}, tenant ${tenant}, ${named}`, '']
  if (rules.length === 0) return [...lines, 'No fault rules are on: nothing happens to it.']
  lines.push(
    ...table(
      [{ title: 'rule' }, { title: 'fault' }, { title: 'decision' }],
      rules.map(rule => [rule.id, rule.type, decision(rule)]),
    ),
    '',
  )
  lines.push(strikes.length === 0 ? 'Nothing affects it.' : `It is affected by ${strikes.join(', then ')}.`)
  return lines
}

function decision({
  matches,
  acts,
  strikes,
  share,
  drawn,
  drawnMs,
  scope,
}: FaultsExplanation['rules'][number]): string {
  if (!matches) return 'is not for it'
  if (!acts) return 'is for it, but acts at other times'
  const draw = `draws ${drawn.toFixed(4)} against ${share}`
  if (!strikes) return `is for it, and leaves it alone (${draw})`
  const time = drawnMs === undefined ? '' : `, for ${formatDuration(drawnMs)}`
  return `affects${scope === 'request' ? ' it' : ` the ${scope}`}${time} (${draw})`
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(share < 0.1 ? 2 : 1))} %`
}

/** Columns set apart by two spaces: the first to the left, the others as they are said; as wide as the widest cell. */
function table(columns: readonly TableColumn[], rows: readonly (readonly string[])[]): string[] {
  const widths = columns.map(({ title }, at) => Math.max(title.length, ...rows.map(row => row[at]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    columns
      .map(({ right }, at) => (right ? (cells[at] ?? '').padStart(widths[at]!) : (cells[at] ?? '').padEnd(widths[at]!)))
      .join('  ')
      .trimEnd()
  return [line(columns.map(({ title }) => title)), ...rows.map(line)]
}

interface TableColumn {
  title: string
  /** Numbers. */
  right?: true
}
