import type { GoodputObjective, LlmDefaults } from '../scenario/llm.ts'
import type { Threshold } from '../thresholds/threshold.ts'
import { at, type Inspector } from './inspector.ts'

/** Reads the defaults of requests to language models. */
export function readLlm(inspector: Inspector, path: string, written: unknown): LlmDefaults {
  if (written === undefined) return {}
  const { goodput } = inspector.fields(path, written, ['goodput'])
  return goodput === undefined ? {} : { goodput: readObjective(inspector, at(path, 'goodput'), goodput) }
}

/** Notes thresholds for goodput without an objective, which would have no data. Otherwise they would fail only at the end. */
export function noteMissingObjective(
  inspector: Inspector,
  path: string,
  thresholds: readonly Threshold[],
  { goodput }: LlmDefaults,
): void {
  const asking = thresholds.find(({ source }) => /^\s*llm_goodput\b/.test(source.metric))
  if (asking === undefined || goodput !== undefined) return
  const example = "llm: { goodput: { ttft: '500ms', tpot: '50ms' } }"
  inspector.note(
    at(path, asking.source.metric),
    `there is no objective to hold answers against: give ${example} in the scenario; a request may have one of its own beside it`,
  )
}

function readObjective(inspector: Inspector, path: string, written: unknown): GoodputObjective {
  const names = ['ttft', 'tpot'] as const
  const fields = inspector.fields(path, written, names)
  const given = names.filter(name => fields[name] !== undefined)
  if (given.length === 0) inspector.expected(path, "a limit such as { ttft: '500ms' }", written)
  return Object.fromEntries(
    given.map(name => [name, inspector.durationMs(at(path, name), fields[name] as string | number)]),
  )
}
