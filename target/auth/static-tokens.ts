import type { Configuration } from '../configuration/configuration.ts'
import { isName } from '../../contract/name.ts'
import { derive, type Live, type Settings } from '../configuration/settings.ts'
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
  readonly #index: Live<Index>

  constructor(settings: Settings, memory: MemoryBudget) {
    this.#settings = settings
    this.#revoked = new Revocations(memory)
    this.#index = derive(settings, indexOf)
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
    const { exact, open } = this.#index.current
    const token = exact.get(text)
    if (token !== undefined) return bearer(text, token.subject, token)
    for (const { prefix, token } of open) {
      const anything = text.startsWith(prefix) ? text.slice(prefix.length) : ''
      if (!isName(anything)) continue
      const subject = token.subject.replace(ANYTHING, () => anything)
      return bearer(text, subject, token)
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
