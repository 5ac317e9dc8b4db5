import { didYouMean } from '../../core/nearest.ts'
import type { Tags } from '../metrics/catalog.ts'
import { type CustomMetric, recordable } from '../metrics/custom-metric.ts'
import type { TagSets, TagValues } from '../metrics/tag-sets.ts'
import { labelsOf } from '../session/group-scope.ts'
import type { Session } from '../session/session.ts'

/** Records a value of a metric that the scenario declares. */
export type RecordValue = (session: Session, metric: CustomMetric, value: unknown, tags?: TagValues) => void

/**
 * Returns what records values of these metrics.
 * @throws TypeError or RangeError, when it is called, for a metric that was not declared, or a value or tag that it cannot have
 */
export function recordValueOf(metrics: readonly CustomMetric[], sets: TagSets): RecordValue {
  const declared = new Set<unknown>(metrics)
  return (session, metric, value, given) => {
    if (!declared.has(metric)) throw undeclared(metric, metrics)
    const recorded = recordable(metric, value)
    const tags = tagsNow(session, sets)
    const all = given === undefined ? tags : sets.with(tags, given, metric.tags, `the tags of ${metric.name}`)
    session.recorder.custom(metric, all ?? tags, recorded)
  }
}

/** Returns the tags of what the user does now: its user and task, and the scenario's tags. */
export function tagsNow(session: Session, sets: TagSets): Tags {
  const labels = labelsOf(session)
  return labels === session.labels || labels === undefined ? session.workTags : sets.joined(session.workTags, labels)
}

function undeclared(metric: unknown, metrics: readonly CustomMetric[]): TypeError {
  if (typeof metric === 'object' && metric !== null && typeof (metric as Partial<CustomMetric>).name === 'string') {
    const { name } = metric as CustomMetric
    return new TypeError(
      `record: ${name} is not among the metrics of the scenario; add it there: metrics: [${name}, …]`,
    )
  }
  const names = metrics.map(({ name }) => name)
  const hint = typeof metric === 'string' ? didYouMean(metric, names) : ''
  return new TypeError(`record: expected a metric made by counter, rate, trend or gauge, got ${typeof metric}${hint}`)
}
