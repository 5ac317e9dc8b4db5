import { hash } from 'node:crypto'
import type { FastifyReply } from 'fastify'
import type { LlmUsage } from '../../../contract/usage-report.ts'
import type { Clock } from '../../../core/clock.ts'
import type { DelayQueue } from '../../../core/delay-queue.ts'
import type { Random } from '../../../core/random.ts'
import { derive, type Live, type Settings } from '../../configuration/settings.ts'
import type { LlmRequestBook } from '../../exchange/account.ts'
import type { Exchange } from '../../exchange/exchange.ts'
import { ProblemError } from '../../exchange/problem.ts'
import { sendJson } from '../../http/serve.ts'
import type { Lifecycle } from '../../lifecycle/lifecycle.ts'
import type { MemoryBudget } from '../../memory/budget.ts'
import { callerOf } from '../../rate-limits/rate-limits.ts'
import { type AnswerFacts, type AnswerFormat, completionTokensOf } from './answer-format.ts'
import { type BatchListener, BatchServer } from './batch-server.ts'
import { Completion } from './completion.ts'
import type { CompletionRequest } from './completion-request.ts'
import { mostTokensOf, planCompletion } from './planned-completion.ts'
import { batchSettings, type LlmSettings, llmSettings } from './settings.ts'
import { TokenStream } from './token-stream.ts'
import { UsageLimits } from './usage-limits.ts'

export interface LlmGatewayDependencies {
  settings: Settings
  clock: Clock
  delays: DelayQueue
  random: Random
  memory: MemoryBudget
  lifecycle: Lifecycle
}

/** An API by which completions are asked for. */
export interface CompletionApi {
  idPrefix: string
  /** @param includesUsage whether a stream ends with the usage, where clients may choose */
  formatOf: (facts: AnswerFacts, includesUsage: boolean) => AnswerFormat
}

const OK = 200
/** Estimate for the texts of an answer: a reference for each token. */
const TOKEN_BYTES = 8
/** How often streams are checked for clients that do not read. */
const SWEEP_MS = 1000

/** Answers requests for completions, at the pace of one server with continuous batching. */
export class LlmGateway {
  readonly #dependencies: LlmGatewayDependencies
  readonly #settings: Live<LlmSettings>
  readonly #server: BatchServer
  readonly #limits: UsageLimits
  readonly #streams = new Set<TokenStream>()
  readonly #stopping = new AbortController()

  constructor(dependencies: LlmGatewayDependencies) {
    const { settings, clock, delays, memory, lifecycle } = dependencies
    this.#dependencies = dependencies
    this.#settings = derive(settings, llmSettings)
    this.#server = new BatchServer({ settings: derive(settings, batchSettings), clock, delays })
    this.#limits = new UsageLimits(memory)
    lifecycle.on('start', () => void this.#sweepUntilStopped())
    lifecycle.onReset('data', () => this.#limits.reset())
    lifecycle.on('close', () => {
      this.#stopping.abort()
      this.#server.close()
    })
  }

  get models(): readonly string[] {
    return this.#settings.current.models
  }

  /** Returns what the server holds now. */
  usage(): LlmUsage {
    const { sequences, usedTokens, queued, limits } = this.#server
    return {
      batch: { open: sequences, limit: limits.maxBatch },
      cache: { open: usedTokens, limit: limits.kvTokens },
      queued,
    }
  }

  /**
   * Answers a request, now or token by token.
   * @throws ProblemError unknown_model, context_length_exceeded, rate_limited, model_overloaded or memory_exhausted
   */
  complete(exchange: Exchange, request: CompletionRequest, api: CompletionApi, reply: FastifyReply): void {
    const { clock } = this.#dependencies
    const settings = this.#settings.current
    this.#check(request, settings)
    const reservedTokens = request.promptTokens + request.choices * mostTokensOf(request, settings)
    const caller = callerOf(exchange.bearer, reply.request.socket.remoteAddress)
    const now = clock.now()
    const limited = this.#limits.refusalOf(
      { exchange, caller, tokens: reservedTokens },
      settings,
      now,
      (name, value) => {
        void reply.header(name, value)
      },
    )
    if (limited !== undefined) throw limited

    const { planned, facts } = this.#plan(exchange, request, api, settings)
    const outputTokens = planned.choices.map(({ texts }) => texts.length)
    const answerBytes = TOKEN_BYTES * completionTokensOf(planned.choices)
    if (!exchange.reserve(answerBytes) && exchange.isOpen) throw exchange.memoryRefusal(answerBytes)
    const listener = new CompletionListener()
    const job = this.#server.submit({ promptTokens: request.promptTokens, outputTokens, reservedTokens }, listener)
    if (job === 'too_large') throw tooLong(reservedTokens, 'llm.kvTokens')
    if (job === 'full') {
      exchange.account.llm.refused()
      throw overloaded()
    }
    const book = exchange.account.llm.admitted(request.promptTokens, request.stream, now)
    const stream = request.stream ? this.#streamFor(exchange, { listener, book, answerBytes, settings }) : undefined
    listener.completion = new Completion({
      job,
      planned,
      format: api.formatOf(facts, request.includesUsage),
      book,
      now: () => clock.now(),
      stream,
      send: answer => {
        exchange.onGone = undefined
        this.#sendWhole(reply, answer, book, completionTokensOf(planned.choices))
      },
      fail: message => {
        exchange.onGone = undefined
        book.failed()
        void reply.send(new ProblemError('completion_failed', message))
      },
      release: () => this.#server.remove(job),
    })
    if (stream !== undefined) {
      this.#streams.add(stream)
      void reply.type('text/event-stream; charset=utf-8').header('cache-control', 'no-cache').send(stream)
      return
    }
    const leave = () => {
      exchange.onGone = undefined
      listener.completion!.abandon()
      book.cut(false)
    }
    if (exchange.isOpen) exchange.onGone = leave
    else leave()
  }

  #plan(exchange: Exchange, request: CompletionRequest, api: CompletionApi, settings: LlmSettings) {
    const { clock, random } = this.#dependencies
    const key = exchange.key ?? hash('sha256', exchange.bodyText ?? '', 'base64url')
    const planned = planCompletion(request, settings, random.fork('llm', request.seed, key))
    const facts: AnswerFacts = {
      id: `${api.idPrefix}${hash('sha256', `${key} ${request.seed}`, 'hex').slice(0, 32)}`,
      model: request.model,
      createdAt: Math.floor(clock.wallTime() / 1000),
      promptTokens: request.promptTokens,
      choices: planned.choices,
    }
    return { planned, facts }
  }

  #streamFor(
    exchange: Exchange,
    {
      listener,
      book,
      answerBytes,
      settings,
    }: { listener: CompletionListener; book: LlmRequestBook; answerBytes: number; settings: LlmSettings },
  ): TokenStream {
    const { clock } = this.#dependencies
    const stream: TokenStream = new TokenStream({
      now: () => clock.now(),
      limits: settings,
      reserve: bytes => exchange.reserve(answerBytes + bytes),
      onSent: tokens => book.sent(tokens, clock.now()),
      onEnd: isWhole => {
        const completion = listener.completion!
        this.#streams.delete(stream)
        completion.abandon()
        if (!isWhole) book.cut(stream.isCutForSlowness)
        else if (completion.hasFailed) book.failed()
        else book.completed()
      },
    })
    return stream
  }

  /** Sends an answer in one piece. It is complete once all of it was handed over, because a fault may still replace it. */
  #sendWhole(reply: FastifyReply, answer: unknown, book: LlmRequestBook, tokens: number): void {
    const { raw } = reply
    raw.once('close', () => {
      if (!raw.writableFinished || raw.statusCode !== OK) return book.cut(false)
      book.sent(tokens, this.#dependencies.clock.now())
      book.completed()
    })
    sendJson(reply, JSON.stringify(answer))
  }

  #check({ model, promptTokens, call, functions, ...request }: CompletionRequest, settings: LlmSettings): void {
    const { models, contextTokens } = settings
    if (!models.includes(model)) {
      const known = models.join(', ')
      throw new ProblemError('unknown_model', `the model ${JSON.stringify(model)} does not exist; there are ${known}`, {
        errors: [{ pointer: '/model', detail: 'no such model' }],
      })
    }
    if (typeof call === 'object' && !functions.some(({ name }) => name === call.name)) {
      const detail = `expected the name of one of the tools, got ${JSON.stringify(call.name)}`
      throw new ProblemError('invalid_request', `tool_choice: ${detail}`, {
        errors: [{ pointer: '/tool_choice', detail }],
      })
    }
    if (call === 'required' && functions.length === 0) {
      const detail = 'expected tools, because a call is required'
      throw new ProblemError('invalid_request', `tools: ${detail}`, { errors: [{ pointer: '/tools', detail }] })
    }
    const tokens = promptTokens + Math.max(1, request.mostTokens ?? 1)
    if (tokens > contextTokens) throw tooLong(tokens, 'llm.contextTokens', contextTokens)
  }

  async #sweepUntilStopped(): Promise<void> {
    const { clock } = this.#dependencies
    while (!this.#stopping.signal.aborted) {
      await clock.sleep(SWEEP_MS, this.#stopping.signal)
      const now = clock.now()
      for (const stream of this.#streams) if (stream.isOverdue(now)) stream.cutSlow()
    }
  }
}

/** Stands between the server and a completion, because each needs the other when it is made. */
class CompletionListener implements BatchListener {
  completion: Completion | undefined

  token(choice: number, ordinal: number): void {
    this.completion!.token(choice, ordinal)
  }

  ended(): void {
    this.completion!.ended()
  }
}

function overloaded(): ProblemError {
  const detail = 'as many requests wait for the model as may (llm.queue)'
  return new ProblemError('model_overloaded', detail, { headers: { 'retry-after': '1' } })
}

function tooLong(tokens: number, setting: string, limit?: number): ProblemError {
  const most = limit === undefined ? '' : ` of at most ${limit}`
  return new ProblemError(
    'context_length_exceeded',
    `expected a prompt and an answer${most} tokens together (${setting}), got ${tokens}`,
    { errors: [{ pointer: '/messages', detail: `${tokens} tokens` }] },
  )
}
