import type { FaultRule } from '../../../contract/faults/rule.ts'
import { Histogram } from '../../../core/histogram.ts'
import type { ControlPlane } from '../../../harness/control/control-plane.ts'
import type { Scenario } from '../../../harness/scenario.ts'
import { ruleReport, withRules } from '../../trial.ts'
import { type HarnessBench, type Lateness, measured, type MeasuredRun } from '../bench.ts'

/** Runs a scenario under rules that delay, and says how late timers were at both ends. */
export async function measuredUnder(
  bench: HarnessBench,
  rules: readonly FaultRule[],
  name: string,
  definition: Scenario,
): Promise<MeasuredRun & { late: Lateness[] }> {
  return withRules(bench, rules, async control => {
    const run = await measured(bench, name, definition)
    const late = [run.timers, { of: 'delays of the target', histogram: await delayErrors(control, rules) }]
    return { ...run, late }
  })
}

async function delayErrors(control: ControlPlane, rules: readonly FaultRule[]): Promise<Histogram> {
  const errors = new Histogram()
  for (const { id } of rules) {
    const { delay } = await ruleReport(control, id)
    if (delay !== undefined) errors.merge(Histogram.fromJSON(delay.error))
  }
  return errors
}
