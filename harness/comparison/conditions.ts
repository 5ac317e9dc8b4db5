import type { RunResult } from '../results/run-result.ts'
import { formatDuration } from '../../core/duration.ts'

/** A condition in which runs that should be compared differ. */
export interface ConditionDifference {
  condition: string
  values: { value: string; paths: string[] }[]
}

/** Returns everything that should be the same in runs that are compared, by its name. */
export function conditionsOf({
  run,
  environment,
}: Pick<RunResult, 'run' | 'environment'>): ReadonlyMap<string, string> {
  const sorted = (values: Readonly<Record<string, unknown>>) =>
    Object.entries(values)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => `${key}=${String(value)}`)
      .join(', ') || 'none'
  return new Map([
    ['scenario', run.scenario],
    ['load', run.load],
    ['engine', run.engine ?? 'undici'],
    ['warm-up', formatDuration(run.warmupMs)],
    ['faults', run.overrides?.faults?.join(', ') ?? 'those of the scenario'],
    ['target', run.embedded ? 'embedded' : 'running already'],
    ['certificates', run.insecure ? 'not checked' : 'checked'],
    ['proxy', run.proxy ?? 'none'],
    ['hosts', run.hosts?.map(({ name }) => name).join(', ') ?? 'none'],
    ['places', run.places?.join(', ') ?? 'none'],
    ['target settings', sorted(run.targetSettings)],
    ['variables', sorted(run.variables ?? {})],
    ['machine', `${environment.cpuModel}, ${environment.cpuCount} CPUs, ${environment.platform}`],
    ['memory', `${(environment.memoryBytes / 1e9).toFixed(1)} GB`],
    ['Node', environment.node],
    ['Loadcell', run.version],
  ])
}

/** Returns reasons not to trust the numbers of a run. */
export function defectsOf({
  outcome,
  validity,
  reconciliation,
  liveControl,
}: Partial<Pick<RunResult, 'outcome' | 'validity' | 'reconciliation' | 'liveControl'>>): string[] {
  return [
    ...(outcome === undefined || outcome.state === 'completed'
      ? []
      : [`it is not a complete run (${outcome.state}): ${outcome.detail}`]),
    ...(liveControl === undefined ? [] : ['it was changed while it ran, so its load is not the one that was planned']),
    ...(validity?.state === 'invalid' ? ['it is invalid: its numbers do not describe the target'] : []),
    ...(reconciliation?.state === 'differs' ? ['its numbers differ from the target’s own ledger'] : []),
  ]
}

/** Returns the conditions in which these runs differ. */
export function differencesBetween(
  runs: readonly { path: string; conditions: ReadonlyMap<string, string> }[],
): ConditionDifference[] {
  const names = [...new Set(runs.flatMap(({ conditions }) => [...conditions.keys()]))]
  return names.flatMap(condition => {
    const paths = new Map<string, string[]>()
    for (const { path, conditions } of runs) {
      const value = conditions.get(condition) ?? 'unknown'
      paths.set(value, [...(paths.get(value) ?? []), path])
    }
    const values = [...paths].map(([value, paths]) => ({ value, paths }))
    return values.length > 1 ? [{ condition, values }] : []
  })
}
