import type { ChatFinishReason } from '../../../contract/llm/chat.ts'
import { type Random, randomInteger } from '../../../core/random.ts'
import type { CompletionRequest } from './completion-request.ts'
import { prose } from './prose.ts'
import { tokensOf } from './tokenizer.ts'
import { drawnArguments } from './tool-arguments.ts'

/** One answer to a request, decided before its first token is sent. */
export interface PlannedChoice {
  /** Text that each token adds. A token that is part of a stop text adds nothing. */
  texts: readonly string[]
  finish: ChatFinishReason
  /** Set for a call of a function; then the texts are its arguments. */
  call: { id: string; name: string } | undefined
}

export interface PlannedCompletion {
  choices: readonly PlannedChoice[]
  /** Number of tokens of each choice after which it fails; undefined if it does not. */
  failsAfter: number | undefined
}

/** The settings that decide about answers. */
export interface CompletionSettings {
  leastCompletionTokens: number
  mostCompletionTokens: number
  toolCallShare: number
  failureRate: number
}

/** Returns the most tokens that a choice may get, which is what it takes of the cache. */
export function mostTokensOf({ mostTokens }: CompletionRequest, { mostCompletionTokens }: CompletionSettings): number {
  return mostTokens ?? mostCompletionTokens
}

/** Draws the answers to a request. Equal requests with equal randomness get equal answers. */
export function planCompletion(
  request: CompletionRequest,
  settings: CompletionSettings,
  random: Random,
): PlannedCompletion {
  const called = calledFunction(request, settings, random.fork('call'))
  const choices = Array.from({ length: request.choices }, (_, index) => {
    const draws = random.fork('choice', index)
    return called === undefined ? textChoice(request, settings, draws) : callChoice(called, request, settings, draws)
  })
  const failure = random.fork('failure')
  const fails = failure.next() < settings.failureRate
  const shortest = Math.min(...choices.map(({ texts }) => texts.length))
  return { choices, failsAfter: fails ? randomInteger(failure, shortest) : undefined }
}

function calledFunction(
  { functions, call }: CompletionRequest,
  { toolCallShare }: CompletionSettings,
  random: Random,
): CompletionRequest['functions'][number] | undefined {
  if (functions.length === 0 || call === 'none') return undefined
  if (typeof call === 'object') return functions.find(({ name }) => name === call.name)
  const draw = random.next()
  return call === 'required' || draw < toolCallShare ? functions[randomInteger(random, functions.length)] : undefined
}

function textChoice(request: CompletionRequest, settings: CompletionSettings, random: Random): PlannedChoice {
  const most = mostTokensOf(request, settings)
  const { leastCompletionTokens: least, mostCompletionTokens } = settings
  const natural =
    Math.min(least, mostCompletionTokens) + randomInteger(random, Math.max(1, mostCompletionTokens - least + 1))
  const count = request.ignoresEnd ? most : Math.min(natural, most)
  const texts = prose(count, random)
  const stopped = request.stops.length === 0 ? undefined : stoppedAt(texts, request.stops)
  if (stopped !== undefined) return { texts: stopped, finish: 'stop', call: undefined }
  return { texts, finish: count === natural && !request.ignoresEnd ? 'stop' : 'length', call: undefined }
}

function callChoice(
  { name, parameters }: CompletionRequest['functions'][number],
  request: CompletionRequest,
  settings: CompletionSettings,
  random: Random,
): PlannedChoice {
  const all = tokensOf(drawnArguments(parameters, random))
  const texts = all.slice(0, mostTokensOf(request, settings))
  const id = `call_${Array.from({ length: 4 }, () => randomInteger(random, 2 ** 32).toString(36)).join('')}`
  return { texts, finish: texts.length < all.length ? 'length' : 'tool_calls', call: { id, name } }
}

/** Returns the tokens up to the first stop text, whose own tokens add nothing; undefined if there is none. */
function stoppedAt(texts: readonly string[], stops: readonly string[]): string[] | undefined {
  const whole = texts.join('')
  const found = stops.map(stop => ({ at: whole.indexOf(stop), length: stop.length })).filter(({ at }) => at >= 0)
  if (found.length === 0) return undefined
  const first = found.reduce((one, other) => (other.at < one.at ? other : one))
  const kept: string[] = []
  let at = 0
  for (const text of texts) {
    if (at >= first.at + first.length) break
    kept.push(text.slice(0, Math.max(0, first.at - at)))
    at += text.length
  }
  return kept
}
