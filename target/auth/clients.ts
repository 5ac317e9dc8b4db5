import { hash, timingSafeEqual } from 'node:crypto'
import { derive, type Live, type Settings } from '../configuration/settings.ts'
import type { User } from '../../contract/api/accounts.ts'

export interface Client {
  readonly id: string
  readonly scopes: readonly string[]
}

/** The client of users that log in without a client. It has no secret and gets no tokens for itself. */
export const publicClient: Client = { id: 'public', scopes: [] }

/** The users that may log in. */
export interface UserDirectory {
  /** Returns the user if the password is one of theirs. */
  authenticate(email: string, password: string): User | undefined
  /** @param email in any case */
  find(email: string): User | undefined
}

/** The clients that may ask for tokens. */
export class Clients {
  readonly #clients: Live<Map<string, Client & { digest: Buffer }>>
  /** Stands in for the digest of an unknown client, so that an unknown name takes as long as a wrong secret. */
  readonly #nobody = secretDigest('')

  constructor(settings: Settings) {
    this.#clients = derive(settings, ({ auth: { clients } }) => {
      return new Map(clients.map(({ id, secret, scopes }) => [id, { id, scopes, digest: secretDigest(secret) }]))
    })
  }

  authenticate(id: string, secret: string): Client | undefined {
    const client = this.#clients.current.get(id)
    return matchesDigest(secret, client?.digest ?? this.#nobody) ? client : undefined
  }

  get scopes(): string[] {
    return [...new Set([...this.#clients.current.values()].flatMap(({ scopes }) => scopes))].sort()
  }
}

/**
 * Returns the digest of a secret, to be compared with other digests. All digests have one length, so a comparison does not
 * reveal the length of the secret.
 */
export function secretDigest(secret: string): Buffer {
  return hash('sha256', secret, 'buffer')
}

export function matchesDigest(candidate: string, digest: Buffer): boolean {
  return timingSafeEqual(secretDigest(candidate), digest)
}

/** Whether a secret has one of these digests. All are compared, so that the time does not reveal which one matches. */
export function matchesOneOf(candidate: string, digests: readonly Buffer[]): boolean {
  const own = secretDigest(candidate)
  let matches = false
  for (const digest of digests) if (timingSafeEqual(own, digest)) matches = true
  return matches
}
