import type { Configuration } from '../configuration/configuration.ts'
import { isName } from '../../contract/name.ts'
import type { Settings } from '../configuration/settings.ts'
import type { MemoryBudget } from '../memory/budget.ts'
import type { Bearer } from '../exchange/bearer.ts'
import { Revocations } from './revocations.ts'

const ANYTHING = '<anything>'

type StaticToken = Configuration['auth']['staticTokens'][number]

interface Index {
  exact: Map<string, StaticToken>
  /** Tokens that end in `<anything>`, with the text before it. */
  open: { prefix: string; token: StaticToken }[]
}

/** Tokens that were never issued: `auth.staticTokens`, while `auth.mode` is lenient. */
export class StaticTokens {
  readonly #settings: Settings
  readonly #revoked: Revocations
  #index: Index

  constructor(settings: Settings, memory: MemoryBudget) {
    this.#settings = settings
    this.#revoked = new Revocations(memory)
    this.#index = indexOf(settings.current)
    settings.onChange(next => (this.#index = indexOf(next)))
  }

  find(text: string): Bearer | 'revoked' | undefined {
    if (this.#settings.current.auth.mode === 'strict') return undefined
    const bearer = this.#bearerOf(text)
    return bearer !== undefined && this.#revoked.has(text) ? 'revoked' : bearer
  }

  /** Revokes this token until `reset`. */
  revoke(text: string): void {
    this.#revoked.add(text, Infinity, 0, this.#settings.current.auth.refreshTokens)
  }

  reset(): void {
    this.#revoked.clear()
  }

  #bearerOf(text: string): Bearer | undefined {
    const exact = this.#index.exact.get(text)
    if (exact !== undefined) return bearer(text, exact.subject, exact)
    for (const { prefix, token } of this.#index.open) {
      if (!text.startsWith(prefix)) continue
      const anything = text.slice(prefix.length)
      if (isName(anything))
        return bearer(
          text,
          token.subject.replace(ANYTHING, () => anything),
          token,
        )
    }
    return undefined
  }
}

/** Returns the bearer. Its subject stands for the client, because no client asked for the token. */
function bearer(text: string, subject: string, { scopes }: StaticToken): Bearer {
  return { client: subject, subject, user: undefined, scopes, expiresAtMs: Infinity, family: text, tokenId: text }
}

function indexOf({ auth: { staticTokens } }: Configuration): Index {
  const isOpen = ({ token }: StaticToken) => token.endsWith(ANYTHING)
  return {
    exact: new Map(staticTokens.filter(token => !isOpen(token)).map(token => [token.token, token])),
    open: staticTokens
      .filter(isOpen)
      .map(token => ({ prefix: token.token.slice(0, -ANYTHING.length), token }))
      // The longest prefix first.
      .sort((a, b) => b.prefix.length - a.prefix.length),
  }
}
