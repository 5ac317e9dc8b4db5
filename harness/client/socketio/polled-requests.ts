import type { HttpResponse, RequestOptions } from '../../scenario/http.ts'
import type { RequestTags } from '../../metrics/recorder.ts'
import type { Session } from '../../session/session.ts'
import type { ExchangeFailure } from '../engine/failure.ts'
import { reportsOutcome } from '../http/answer-counts.ts'
import type { ExchangeObserver } from '../http/exchange-observer.ts'
import type { HttpClient } from '../http/http-client.ts'
import type { HttpExchange } from '../http/http-exchange.ts'
import type { PendingRequest } from '../http/pending-request.ts'
import { encodeHeaders } from '../message/request-head.ts'
import { type BodyMemory, ReceivedBody } from '../message/received-body.ts'

export interface PolledRequestsOptions extends Pick<RequestOptions, 'headers' | 'name' | 'tags'> {
  http: Pick<HttpClient, 'requestAs'>
  session: Session
}

/** The requests of one session of Engine.IO, which end with it. */
export class PolledRequests implements ExchangeObserver {
  readonly #options: PolledRequestsOptions
  readonly #underWay = new Set<HttpExchange>()
  /** The last request, and how often it was sent. */
  #sent: { tags: RequestTags; times: number } | undefined

  constructor(options: PolledRequestsOptions) {
    this.#options = options
  }

  /** Asks for a session. @param sidIn returns the session that an answer opens, if any */
  async open(
    url: string,
    sidIn: (text: string) => string | undefined,
  ): Promise<{ response: HttpResponse; sid: string | undefined }> {
    const response = await this.send('GET', url)
    const sid = response.status === 200 ? sidIn(response.text()) : undefined
    if (this.#sent === undefined) return { response, sid }
    const { tags, times } = this.#sent
    // A request that was sent once more may have opened a session each time.
    const unknown = sid !== undefined || reportsOutcome(response) ? times - 1 : times
    if (unknown > 0) this.#options.session.recorder.add('ws_sessions_unknown', tags, unknown)
    return { response, sid }
  }

  send(method: 'GET' | 'POST', url: string, body?: string): Promise<HttpResponse> {
    const { http, session, headers, name, tags } = this.#options
    const type = { 'content-type': 'text/plain;charset=UTF-8' }
    const options: RequestOptions = {
      headers: { ...encodeHeaders(headers), ...(body !== undefined && type) },
      timeout: '120s',
      // A request may reach a session that has just ended, which the connection then counts.
      expect: [200, 400],
      ...(body !== undefined && { body }),
      ...(name !== undefined && { name }),
      ...(tags !== undefined && { tags }),
    }
    return http.requestAs(session.exchanges.next(), method, url, options, this)
  }

  /** Ends what is under way. */
  cut(failure: ExchangeFailure): void {
    for (const exchange of this.#underWay) exchange.cut(failure)
  }

  body(memory: BodyMemory, limitBytes: number | undefined): ReceivedBody {
    return new ReceivedBody(memory, limitBytes)
  }

  begun(exchange: HttpExchange): void {
    this.#underWay.add(exchange)
  }

  finished({ tags }: PendingRequest, exchange: HttpExchange): void {
    this.#underWay.delete(exchange)
    this.#sent = { tags, times: Number(exchange.resent) + Number(exchange.sentAt !== undefined) }
  }
}
