import type { Tags } from '../metrics/catalog.ts'
import type { Snapshot } from '../metrics/snapshot.ts'
import { perSecond } from './totals.ts'
import { summarise, type TrendSummary } from './trend-summary.ts'

/** Requests for completions by llm.chat and llm.respond. */
export interface LlmReport extends LlmFigures {
  /** One row for each name, most requests first. */
  names: LlmRow[]
}

export interface LlmRow extends LlmFigures {
  name: string
}

interface LlmFigures {
  requests: number
  failed: number
  promptTokens: number
  completionTokens: number
  completionTokensPerSecond: number
  /** From when due, and from when sent. */
  timeToFirstToken: TrendSummary
  firstTokenService: TrendSummary
  interTokenLatency: TrendSummary
  timePerOutputToken: TrendSummary
  /** Answers that met the objective; absent without one. */
  goodput?: { good: number; judged: number }
}

/** Returns the figures of language models as part of a result; nothing for a run that asked none. */
export function llmReport(snapshot: Snapshot, durationMs: number): { llm?: LlmReport } {
  const series = snapshot.select('llm_requests')
  if (series.length === 0) return {}
  const names = [...new Set(series.map(({ tags }) => tags.name ?? ''))]
  const rows = names.map(name => ({ name, ...figuresOf(snapshot, { name }, durationMs) }))
  rows.sort((a, b) => b.requests - a.requests || (a.name < b.name ? -1 : 1))
  return { llm: { ...sumOf(snapshot, names, durationMs), names: rows } }
}

/** Returns the figures of all names. Other requests may have failed as well, so failures are those of the names. */
function sumOf(snapshot: Snapshot, names: readonly string[], durationMs: number): LlmFigures {
  const failed = names.reduce((sum, name) => sum + snapshot.hits('http_req_failed', { name }), 0)
  return { ...figuresOf(snapshot, {}, durationMs), failed }
}

function figuresOf(snapshot: Snapshot, selector: Tags, durationMs: number): LlmFigures {
  const completionTokens = snapshot.total('llm_completion_tokens', selector)
  const goodput = snapshot.merged('llm_goodput', selector)
  return {
    requests: snapshot.total('llm_requests', selector),
    failed: snapshot.hits('http_req_failed', selector),
    promptTokens: snapshot.total('llm_prompt_tokens', selector),
    completionTokens,
    completionTokensPerSecond: perSecond(completionTokens, durationMs),
    timeToFirstToken: summarise(snapshot.histogram('llm_time_to_first_token', selector)),
    firstTokenService: summarise(snapshot.histogram('llm_first_token_service_time', selector)),
    interTokenLatency: summarise(snapshot.histogram('llm_inter_token_latency', selector)),
    timePerOutputToken: summarise(snapshot.histogram('llm_time_per_output_token', selector)),
    ...(goodput !== undefined && { goodput: { good: goodput.hits, judged: goodput.total } }),
  }
}
