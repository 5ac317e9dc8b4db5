import type { Preset } from '../../contract/faults/presets.ts'
import type { FaultRuleReport, FaultsExplanation, FaultsReport, TimelineReport } from '../../contract/faults/report.ts'
import { formatDuration } from '../../core/duration.ts'
import { type EncodedHistogram, MalformedHistogram } from '../../core/encoded-histogram.ts'
import { Histogram } from '../../core/histogram.ts'
import { InputError } from '../process/input-error.ts'
import { textTable } from '../output/text-table.ts'

/** Returns a table of the rules that are on: what was configured, and what was injected. */
export function rulesTable({ rules, presets }: FaultsReport, now: number): string[] {
  if (rules.length === 0) return ['No fault rules are on: the target is healthy.']
  const titles = [
    'rule',
    'fault',
    'matched',
    'injected',
    'share',
    'observed (99 %)',
    'planned p50/p99',
    'timer error p99',
    'ends in',
  ]
  const lines = textTable(
    titles,
    rules.map(report => ruleRow(report, now)),
    2,
  )
  const off = rules.filter(({ share }) => !share.agrees).map(({ rule }) => rule.id)
  if (off.length > 0) {
    lines.push('', `Outside its interval, as happens by chance to one in a hundred: ${off.join(', ')}.`)
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
      `the target’s report on its faults cannot be read: ${error.message}`,
      'Is it a Loadcell target of this version? --json prints the response unchanged.',
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
  return textTable(
    ['preset', 'what it does'],
    presets.map(({ name, description }) => [name, description]),
  )
}

/** Explains how each rule decides on a request. */
export function explanationLines({ request, rules, strikes }: FaultsExplanation): string[] {
  const { operation, method, path, tenant, key } = request
  const named = typeof key === 'number' ? `arrival ${key} of ${operation}` : `key ${key}`
  const lines = [`${method} ${path}: ${operation}, tenant ${tenant}, ${named}`, '']
  if (rules.length === 0) return [...lines, 'No fault rules are on: nothing happens to it.']
  lines.push(
    ...textTable(
      ['rule', 'fault', 'decision'],
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
  if (!matches) return 'does not match'
  if (!acts) return 'matches, but acts only at other times'
  const draw = `draws ${drawn.toFixed(4)} against ${share}`
  if (!strikes) return `matches, but does not affect it (${draw})`
  const time = drawnMs === undefined ? '' : `, for ${formatDuration(drawnMs)}`
  return `affects${scope === 'request' ? ' it' : ` the ${scope}`}${time} (${draw})`
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(share < 0.1 ? 2 : 1))} %`
}
