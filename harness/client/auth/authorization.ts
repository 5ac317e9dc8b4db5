import type { Clock } from '../../../core/clock.ts'
import type { Auth, LoginOptions } from '../../scenario/context.ts'
import { basic } from '../../scenario/basic.ts'
import type { Http, HttpResponse } from '../../scenario/http.ts'
import { repeated } from '../../session/exchange-keys.ts'
import { type BearerToken, type Session, takeDueAt } from '../../session/session.ts'
import { encodeHeaders, shown } from '../message/request-head.ts'
import { type OAuthClient, type PreparedTokenRequest, clientCredentials, userLogin } from './credentials.ts'
import { AccessToken, type AskForToken } from './access-token.ts'

/** The part of a user's HTTP client that requests tokens. */
interface TokenClient extends Pick<Http, 'post'> {
  requestToken(
    request: PreparedTokenRequest,
    options: { key: string; dueAt?: number | undefined; interruptible: boolean },
  ): Promise<HttpResponse>
}

/** Authorization of one user. */
export class Authorization implements Auth {
  readonly #session: Session
  readonly #tokens: ClientTokens
  readonly #http: TokenClient
  #login: { token: BearerToken; logoutPath: string } | undefined

  constructor(session: Session, tokens: ClientTokens, http: TokenClient) {
    this.#session = session
    this.#tokens = tokens
    this.#http = http
  }

  clientCredentials(clientId: string, clientSecret: string, scope?: string): Promise<void> {
    const token = this.#tokens.of({ clientId, clientSecret, scope })
    const key = this.#session.exchanges.shared(`token-${clientId}-${scope ?? ''}`)
    // It is not interrupted with the user that happens to request it, because others wait for the same token.
    const ask: AskForToken = (request, ordinal) =>
      this.#http.requestToken(request, { key: repeated(key, ordinal), interruptible: false })
    return this.#show(boundTo(token, ask))
  }

  async login(email: string, password: string, options: LoginOptions = {}): Promise<void> {
    const token = new AccessToken(this.#session.clock, userLogin(email, password, options))
    // Only the first request is made by the scenario itself, so only that one was due.
    let dueAt = takeDueAt(this.#session)
    const key = this.#session.exchanges.next()
    const login = boundTo(token, (request, ordinal) => {
      const asked = this.#http.requestToken(request, { key: repeated(key, ordinal), interruptible: true, dueAt })
      dueAt = undefined
      return asked
    })
    await this.#show(login)
    this.#login = { token: login, logoutPath: options.logoutPath ?? '/auth/logout' }
  }

  async logout(): Promise<void> {
    const login = this.#login
    if (login === undefined) return
    this.#login = undefined
    if (this.#session.token === login.token) this.#session.token = undefined
    await this.#http.post(login.logoutPath, { headers: { authorization: await login.token.authorization() } })
  }

  bearer(token: string): void {
    if (typeof token !== 'string') throw new TypeError(`expected a token, got ${shown(token)}`)
    const authorization = encodeHeaders({ authorization: `Bearer ${token}` })!['authorization'] as string
    this.#session.token = { authorization: () => authorization, refused: () => false }
  }

  basic(user: string, password: string): void {
    const authorization = basic(user, password)
    this.#session.token = { authorization: () => authorization, refused: () => false }
  }

  none(): void {
    this.#session.token = undefined
  }

  /** Awaits the first token, so that a failure ends the user's `begin` with the reason. */
  async #show(token: BearerToken): Promise<void> {
    await token.authorization()
    this.#session.token = token
  }
}

function boundTo(token: AccessToken, ask: AskForToken): BearerToken {
  return {
    authorization: () => token.authorization(ask),
    refused: authorization => token.refused(authorization),
  }
}

/** Access tokens of the OAuth clients of a run, one for each client, secret and scope. All users share them. */
export class ClientTokens {
  readonly #clock: Clock
  readonly #tokens = new Map<string, AccessToken>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  of(client: OAuthClient): AccessToken {
    const { clientId, clientSecret, scope } = client
    const key = JSON.stringify([clientId, clientSecret, scope])
    let token = this.#tokens.get(key)
    if (token === undefined) this.#tokens.set(key, (token = new AccessToken(this.#clock, clientCredentials(client))))
    return token
  }
}
