import { operations } from '../../contract/operations.ts'
import type { Auth } from '../scenario.ts'
import type { Session } from '../user/session.ts'
import type { HttpClient } from './http.ts'
import type { TagsCache } from './tags.ts'
import type { TokenAsker } from './token.ts'
import type { Tokens } from './tokens.ts'

const TOKEN_PATH = operations['oauth.token'].path
const TOKEN_TIMEOUT = '10s'

/** Who one user says it is. */
export class Authorization implements Auth {
  readonly #session: Session
  readonly #tokens: Tokens
  readonly #asker: TokenAsker

  constructor(session: Session, tokens: Tokens, http: HttpClient, tags: TagsCache) {
    this.#session = session
    this.#tokens = tokens
    this.#asker = {
      ask: form => http.requestToken(TOKEN_PATH, { form, timeout: TOKEN_TIMEOUT }),
      received: (grant, durationMs) => {
        const userTags = tags.ofUser(session)
        const counter = grant === 'refresh_token' ? 'tokens_refreshed' : 'tokens_issued'
        session.recorder.add(counter, userTags)
        session.recorder.time('token_refresh_duration', userTags, durationMs)
      },
    }
  }

  async clientCredentials(clientId: string, clientSecret: string, scope?: string): Promise<void> {
    const token = this.#tokens.of({ clientId, clientSecret, scope })
    // Awaited here, so that a client that gets no token ends its user's begin with the reason.
    await token.authorization(this.#asker)
    this.#session.authorization = () => token.authorization(this.#asker)
  }

  bearer(token: string): void {
    this.#set(`Bearer ${token}`)
  }

  none(): void {
    this.#set(undefined)
  }

  #set(authorization: string | undefined): void {
    this.#session.authorization = authorization === undefined ? undefined : () => authorization
  }
}
