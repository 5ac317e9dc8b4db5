import type { Report } from '../../../contract/api/reports.ts'
import { type Duration, parseDuration } from '../../../core/duration.ts'
import type { FailureReason } from '../../metrics/catalog.ts'
import type { HttpResponse } from '../../scenario/http.ts'
import type { JobEnding, JobEndings, JobOptions, JobResult, Jobs } from '../../scenario/context.ts'
import { repeated } from '../../session/exchange-keys.ts'
import type { Session } from '../../session/session.ts'
import { parseRetryAfter } from '../timing/backoff.ts'
import { objectOf } from '../message/response.ts'
import { pathAt } from '../address/hosts.ts'
import type { HttpClient } from './http-client.ts'
import type { HttpDependencies } from './dependencies.ts'
import { statusUrlOf } from './answer-counts.ts'

const DEFAULT_TIMEOUT: Duration = '2m'
/** Delay between polls where the target sets none. */
const DEFAULT_POLL_MS = 1000
/** Bounds of the delay that the target may set. */
const SHORTEST_POLL_MS = 100
const LONGEST_POLL_MS = 60_000

const ENDINGS: readonly JobEnding[] = ['completed', 'failed', 'cancelled']
/** Statuses of refusals that may be temporary. */
const PASSING_STATUSES: ReadonlySet<number> = new Set([408, 425, 429])

/** Waits for the jobs of one user. */
export class JobFollower implements Jobs {
  readonly #dependencies: HttpDependencies
  readonly #session: Session
  readonly #http: HttpClient

  constructor(dependencies: HttpDependencies, session: Session, http: HttpClient) {
    this.#dependencies = dependencies
    this.#session = session
    this.#http = http
  }

  async follow<State = Report>(submitted: HttpResponse, options: JobOptions = {}): Promise<JobResult<State>> {
    const { clock, exchanges, stopping } = this.#session
    // All polls use one key, because their number depends on time and must not change later keys.
    const key = exchanges.next()
    const { timeout = DEFAULT_TIMEOUT, until = {}, headers, name } = options
    const giveUpAt = submitted.dueAt + parseDuration(timeout)
    const url = this.#placeOf(statusUrlOf(submitted), submitted.url)
    let polls = 0
    let answer = submitted
    let state: Partial<Report> | undefined
    const result = (status: JobResult<State>['status'], endedAt: number, failure?: FailureReason) => ({
      status,
      ...(failure !== undefined && { failure }),
      state: state as State | undefined,
      durationMs: endedAt - submitted.dueAt,
      polls,
      downloadUrl: this.#downloadAt(state?.download_url, url),
    })
    for (;;) {
      if (answer.ok) state = objectOf<Report>(answer)
      const ending = answer.ok ? endingOf(state, until) : undefined
      if (ending !== undefined) {
        const endedAt = answer.dueAt + answer.durationMs
        this.#record(ending, url, name, { dueAt: submitted.dueAt, endedAt })
        return result(ending, endedAt)
      }
      const failure = url === undefined ? (answer.failure ?? 'body') : polls > 0 ? hopeless(answer, state) : undefined
      if (failure !== undefined || url === undefined) return result('unknown', clock.now(), failure)
      const delayMs = pollDelayMs(answer, clock.wallTime())
      const leftMs = giveUpAt - clock.now()
      await clock.sleep(Math.min(delayMs, leftMs), stopping)
      if (stopping.aborted) return result('unknown', clock.now(), 'interrupted')
      if (delayMs > leftMs) return result('unknown', clock.now(), 'timeout')
      answer = await this.#http.requestAt(repeated(key, polls), url, { headers, name })
      polls += 1
    }
  }

  /** Returns the URL of a download as the target wrote it, or a complete URL at another origin, which the scenario may then read. */
  #downloadAt(given: unknown, askedAt: URL | undefined): string | undefined {
    if (typeof given !== 'string') return undefined
    const { origin } = this.#dependencies.target
    const place =
      askedAt === undefined || askedAt.origin === origin ? this.#placeOf(given, '') : URL.parse(given, askedAt.href)
    if (place === undefined || place === null || place.origin === origin) return given
    this.#http.allow(place)
    return place.href
  }

  /** Returns the URL of a job. A server behind a path prefix names its own paths without the prefix. */
  #placeOf(url: string | undefined, submittedTo: string): URL | undefined {
    if (url === undefined) return undefined
    const { hosts, target } = this.#dependencies
    const host = hosts.at(URL.parse(submittedTo)?.origin ?? '') ?? hosts.target
    const path = /^\/(?!\/)/.test(url) ? pathAt(host, url) : url
    const place = URL.parse(path, submittedTo || `${target.origin}${target.basePath}/`)
    return place !== null && /^https?:$/.test(place.protocol) ? place : undefined
  }

  #record(
    ending: JobEnding,
    url: URL | undefined,
    name: string | undefined,
    { dueAt, endedAt }: { dueAt: number; endedAt: number },
  ): void {
    const { recorder } = this.#session
    const { hosts, labelled } = this.#dependencies
    const found = url === undefined ? hosts.target.routes.of('GET', '', name) : hosts.routeAt('GET', url, name)
    const route = labelled.of(found, this.#session, undefined)
    const tags = this.#dependencies.tags.ofJob(this.#session, route, ending)
    recorder.time('job_duration', tags, endedAt - dueAt, dueAt)
    if (ending === 'completed') recorder.add('jobs_completed', tags, 1, dueAt)
    if (ending === 'failed') recorder.add('jobs_failed', tags, 1, dueAt)
  }
}

function endingOf(state: Partial<Report> | undefined, until: JobEndings): JobEnding | undefined {
  const status: string | undefined = state?.status
  const ending = ENDINGS.find(ending => [until[ending] ?? ending].flat().some(word => word === status))
  // The target's own jobs have no status for a cancellation, only an error code.
  return ending === 'failed' && state?.error?.code === 'cancelled' ? 'cancelled' : ending
}

/** Returns why polling again would not help; undefined when it may. */
function hopeless(answer: HttpResponse, state: Partial<Report> | undefined): FailureReason | undefined {
  const { ok, status, failure } = answer
  if (ok) return state?.status === undefined ? 'body' : undefined
  if (failure === 'interrupted' || failure === 'token') return failure
  return status >= 400 && status < 500 && !PASSING_STATUSES.has(status) ? failure : undefined
}

function pollDelayMs({ headers }: HttpResponse, wallTime: number): number {
  const toldMs = parseRetryAfter(headers['retry-after'], wallTime) ?? DEFAULT_POLL_MS
  return Math.min(Math.max(toldMs, SHORTEST_POLL_MS), LONGEST_POLL_MS)
}
