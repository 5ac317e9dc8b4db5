import { headers as headerNames } from '../../../contract/headers.ts'
import { type Duration, parseDuration } from '../../../core/duration.ts'
import type { Random } from '../../../core/random.ts'
import type { Tags } from '../../metrics/catalog.ts'
import type { HttpResponse, RequestOptions, RetryOptions } from '../../scenario/http.ts'
import type { Session } from '../../session/session.ts'
import { backoffMs, jitterOf, parseRetryAfter } from '../timing/backoff.ts'
import { encodeHeaders } from '../message/request-head.ts'

/** When and how often a request is retried. */
export interface RetryPlan {
  attempts: number
  /** 0 stands for no response. */
  statuses: ReadonlySet<number>
  firstMs: number
  jitter: number
  /** Whether it may be retried without a response, although the target may have acted already. */
  repeatable: boolean
}

const MOST_ATTEMPTS = 100
const DEFAULT_STATUSES = [0, 429, 502, 503, 504]
const DEFAULT_BACKOFF: Duration = '500ms'
/** Maximum wait that a target may ask for. */
const LONGEST_WAIT_MS = 60_000
/** Added because a timer may fire a fraction of a millisecond early, and the wait must not be shorter than requested. */
const TIMER_SLACK_MS = 1

/** RFC 9110 §9.2.2. */
const IDEMPOTENT_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])

/** @throws RangeError for options that make no sense. */
export function retryPlan(method: string, headers: RequestOptions['headers'], retry: RetryOptions): RetryPlan {
  const { attempts, statuses = DEFAULT_STATUSES, backoff = DEFAULT_BACKOFF, jitter } = retry
  if (!(Number.isInteger(attempts) && attempts >= 1 && attempts <= MOST_ATTEMPTS)) {
    throw new RangeError(`expected retry.attempts to be an integer 1…${MOST_ATTEMPTS}, got ${String(attempts)}`)
  }
  const keyed = encodeHeaders(headers)?.[headerNames.idempotencyKey] !== undefined
  return {
    attempts,
    statuses: new Set(statuses),
    firstMs: parseDuration(backoff),
    jitter: jitterOf(jitter),
    repeatable: keyed || IDEMPOTENT_METHODS.has(method),
  }
}

/**
 * Sends a request until a response is the last.
 * @param ordinal number of earlier requests of the user that had retries
 */
export async function withRetries(
  plan: RetryPlan,
  { clock, random, recorder, stopping }: Session,
  ordinal: number,
  { send, tags }: { send: (attempt: number) => Promise<HttpResponse>; tags: () => Tags },
): Promise<HttpResponse> {
  const draws = random.fork('retry', ordinal)
  for (let attempt = 1; ; attempt += 1) {
    const response = await send(attempt)
    const wallTime = clock.wallTime()
    const waitMs = waitBeforeRetry(plan, response, { attempt, wallTime, random: draws })
    if (waitMs === undefined) return response
    await clock.sleep(waitMs, stopping)
    if (stopping.aborted) return response
    recorder.add('http_req_retries', tags())
  }
}

/** Returns the wait before the request is sent again; undefined when this response is the last. */
export function waitBeforeRetry(
  plan: RetryPlan,
  { status, failure, headers }: HttpResponse,
  { attempt, wallTime, random }: { attempt: number; wallTime: number; random: Random },
): number | undefined {
  if (attempt >= plan.attempts || !plan.statuses.has(status)) return undefined
  // Token requests are retried elsewhere, and an interrupted request ends with the run.
  if (status === 0 && (!plan.repeatable || failure === 'token' || failure === 'interrupted')) return undefined
  const toldMs = parseRetryAfter(headers['retry-after'], wallTime)
  const pauseMs = backoffMs({ firstMs: plan.firstMs, failedAttempts: attempt - 1, jitter: plan.jitter, random })
  const waitMs = Math.max(pauseMs, toldMs === undefined ? 0 : toldMs + TIMER_SLACK_MS)
  return waitMs > LONGEST_WAIT_MS ? undefined : waitMs
}
