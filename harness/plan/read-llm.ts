import type { GoodputObjective, LlmDefaults } from '../scenario/llm.ts'
import { at, type Inspector } from './inspector.ts'

/** Reads the defaults of requests to language models. */
export function readLlm(inspector: Inspector, path: string, written: unknown): LlmDefaults {
  if (written === undefined) return {}
  const { goodput } = inspector.fields(path, written, ['goodput'])
  return goodput === undefined ? {} : { goodput: readObjective(inspector, at(path, 'goodput'), goodput) }
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
