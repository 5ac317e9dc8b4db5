import { hash } from 'node:crypto'
import type { FastifyReply } from 'fastify'
import type { Clock } from '../../../core/clock.ts'
import type { DelayQueue } from '../../../core/delay-queue.ts'
import type { Random } from '../../../core/random.ts'
import { derive, type Live, type Settings } from '../../configuration/settings.ts'
import type { Exchange } from '../../exchange/exchange.ts'
import { ProblemError } from '../../exchange/problem.ts'
import { sendJson } from '../../http/serve.ts'
import type { Lifecycle } from '../../lifecycle/lifecycle.ts'
import type { MemoryBudget } from '../../memory/budget.ts'
import { callerOf } from '../../rate-limits/rate-limits.ts'
import type { AnswerFacts, AnswerFormat } from './answer-format.ts'
import { BatchServer } from './batch-server.ts'
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

  /**
   * Answers a request, now or token by token.
   * @throws ProblemError unknown_model, context_length_exceeded, rate_limited, model_overloaded or memory_exhausted
   */
  complete(exchange: Exchange, request: CompletionRequest, api: CompletionApi, reply: FastifyReply): void {
    const { clock, random } = this.#dependencies
    const settings = this.#settings.current
    this.#check(request, settings)
    const most = mostTokensOf(request, settings)
    const reservedTokens = request.promptTokens + request.choices * most
    const caller = callerOf(exchange.bearer, reply.request.socket.remoteAddress)
    const now = clock.now()
    const limited = this.#limits.refusalOf({ exchange, caller, tokens: reservedTokens }, settings, now, (name, value) =>
      reply.header(name, value),
    )
    if (limited !== undefined) throw limited

    const key = exchange.key ?? hash('sha256', exchange.bodyText ?? '', 'base64url')
    const planned = planCompletion(request, settings, random.fork('llm', request.seed, key))
    const outputTokens = planned.choices.map(({ texts }) => texts.length)
    const answerBytes = TOKEN_BYTES * outputTokens.reduce((sum, tokens) => sum + tokens, 0)
    if (!exchange.reserve(answerBytes) && exchange.isOpen) throw exchange.memoryRefusal(answerBytes)
    const facts = {
      id: `${api.idPrefix}${hash('sha256', `${key} ${request.seed}`, 'hex').slice(0, 32)}`,
      model: request.model,
      createdAt: Math.floor(clock.wallTime() / 1000),
      promptTokens: request.promptTokens,
      choices: planned.choices,
    }
    const submitted: { completion?: Completion } = {}
    const job = this.#server.submit(
      { promptTokens: request.promptTokens, outputTokens, reservedTokens },
      {
        token: (choice, ordinal) => submitted.completion!.token(choice, ordinal),
        ended: () => submitted.completion!.ended(),
      },
    )
    if (job === 'too_large') throw tooLong(reservedTokens, 'llm.kvTokens')
    if (job === 'full') {
      exchange.account.llm.refused()
      throw new ProblemError('model_overloaded', 'as many requests wait for the model as may (llm.queue)', {
        headers: { 'retry-after': '1' },
      })
    }
    const book = exchange.account.llm.admitted(request.promptTokens, request.stream, now)
    const clockNow = () => clock.now()
    const stream = request.stream
      ? new TokenStream({
          now: clockNow,
          limits: settings,
          reserve: bytes => exchange.reserve(answerBytes + bytes),
          onSent: tokens => book.sent(tokens, clock.now()),
          onEnd: isWhole => {
            this.#streams.delete(stream!)
            completion.abandon()
            if (!isWhole) book.cut(stream!.isCutForSlowness)
            else if (completion.hasFailed) book.failed()
            else book.completed()
          },
        })
      : undefined
    const completion = new Completion({
      planned,
      format: api.formatOf(facts, request.includesUsage),
      book,
      now: clockNow,
      stream,
      send: answer => {
        exchange.onGone = undefined
        // A fault may still replace the answer, or its client may leave.
        reply.raw.once('close', () => {
          if (!reply.raw.writableFinished || reply.raw.statusCode !== OK) return book.cut(false)
          book.sent(
            outputTokens.reduce((sum, tokens) => sum + tokens, 0),
            clock.now(),
          )
          book.completed()
        })
        sendJson(reply, JSON.stringify(answer))
      },
      fail: message => {
        exchange.onGone = undefined
        book.failed()
        void reply.send(new ProblemError('completion_failed', message))
      },
      release: released => this.#server.remove(released),
    })
    completion.job = job
    submitted.completion = completion
    if (stream !== undefined) {
      this.#streams.add(stream)
      void reply.type('text/event-stream; charset=utf-8').header('cache-control', 'no-cache').send(stream)
      return
    }
    exchange.onGone = () => {
      exchange.onGone = undefined
      completion.abandon()
      book.cut(false)
    }
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

function tooLong(tokens: number, setting: string, limit?: number): ProblemError {
  const most = limit === undefined ? '' : ` of at most ${limit}`
  return new ProblemError(
    'context_length_exceeded',
    `expected a prompt and an answer${most} tokens together (${setting}), got ${tokens}`,
    { errors: [{ pointer: '/messages', detail: `${tokens} tokens` }] },
  )
}
