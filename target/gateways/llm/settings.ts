import type { Configuration } from '../../configuration/configuration.ts'
import { parseDuration } from '../../../core/duration.ts'
import type { BatchSettings } from './batch-model.ts'
import type { CompletionSettings } from './planned-completion.ts'
import type { UnreadLimits } from './token-stream.ts'
import type { UsageSettings } from './usage-limits.ts'

/** The settings of the gateway, with times in ms. */
export interface LlmSettings extends CompletionSettings, UsageSettings, UnreadLimits {
  models: readonly string[]
  contextTokens: number
}

export function batchSettings({ llm }: Configuration): BatchSettings {
  return {
    prefillMsPerToken: parseDuration(llm.prefillPerToken),
    stepBaseMs: parseDuration(llm.stepBase),
    stepMsPerSequence: parseDuration(llm.stepPerSequence),
    stepTokens: llm.stepTokens,
    maxBatch: llm.maxBatch,
    kvTokens: llm.kvTokens,
    queue: llm.queue,
  }
}

export function llmSettings({ llm }: Configuration): LlmSettings {
  return { ...llm, unreadMs: parseDuration(llm.unreadAge) }
}
