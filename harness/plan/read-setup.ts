import type { SetupContext, TeardownContext } from '../scenario/setup.ts'
import { at, type Inspector } from './inspector.ts'

/** A function that runs once, before or after the run. */
interface OncePlan<StageContext> {
  run: (context: StageContext) => unknown
  timeoutMs: number
}

/** The functions that run once before and once after the run. */
export interface SetupPlan {
  setup?: OncePlan<SetupContext> | undefined
  teardown?: OncePlan<TeardownContext> | undefined
}

const DEFAULT_TIMEOUT_MS = 60_000

export const setupFields = ['setup', 'setupTimeout', 'teardown', 'teardownTimeout']

/** Reads `setup` and `teardown` of a scenario with their timeouts. */
export function readSetup(inspector: Inspector, fields: Readonly<Record<string, unknown>>): SetupPlan {
  return { setup: readOnce(inspector, 'setup', fields), teardown: readOnce(inspector, 'teardown', fields) }
}

function readOnce(
  inspector: Inspector,
  name: 'setup' | 'teardown',
  fields: Readonly<Record<string, unknown>>,
): OncePlan<unknown> | undefined {
  const { [name]: run, [`${name}Timeout`]: timeout } = fields
  const path = at('', `${name}Timeout`)
  const timeoutMs = timeout === undefined ? DEFAULT_TIMEOUT_MS : inspector.durationMs(path, timeout, { above: 0 })
  if (run !== undefined) {
    return inspector.function(at('', name), run) ? { run: run as OncePlan<unknown>['run'], timeoutMs } : undefined
  }
  if (timeout !== undefined) inspector.note(path, `there is no ${name}`)
  return undefined
}
