import type { LoginResponse } from '../../../contract/api/accounts.ts'
import type { TokenResponse } from '../../../contract/api/oauth.ts'
import type { Received, Send } from './send.ts'

/** Default users and clients by scope. */
const users = { alice: 'qa.user1@example.com', bob: 'qa.user2@example.com' }
const clients = {
  producer: { client_id: 'producer-service', client_secret: 'producer-secret' },
  consumer: { client_id: 'notification-dashboard', client_secret: 'consumer-secret' },
  reporter: { client_id: 'reporting-service', client_secret: 'reporting-secret' },
}

export type Identity = 'guest' | keyof typeof users | keyof typeof clients

export const identities: readonly Identity[] = ['guest', 'alice', 'bob', 'producer', 'consumer', 'reporter']

/** Returns callers with this scope. */
export function entitled(scope: string | undefined): readonly Identity[] {
  switch (scope) {
    case undefined:
      return ['guest', 'alice']
    case 'events.write':
      return ['producer']
    case 'streams.read':
      return ['consumer', 'alice']
    case 'reports.read':
    case 'reports.write':
      return ['reporter', 'alice', 'bob']
    default:
      return ['alice', 'bob']
  }
}

/** Returns a new access token as an Authorization header, or nothing for a guest. */
export async function authorize(send: Send, identity: Identity): Promise<Record<string, string>> {
  if (identity === 'guest') return {}
  const answer =
    identity in users
      ? await send({
          method: 'POST',
          path: '/auth/login',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ email: users[identity as keyof typeof users], password: 'TestPass123!' }),
        })
      : await send({
          method: 'POST',
          path: '/oauth/token',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body: new URLSearchParams({
            grant_type: 'client_credentials',
            ...clients[identity as keyof typeof clients],
          }).toString(),
        })
  return { authorization: `Bearer ${tokenOf(identity, answer)}` }
}

function tokenOf(identity: Identity, { status, text }: Received): string {
  if (status !== 200) throw new Error(`${identity} was not let in: ${status} ${text}`)
  return (JSON.parse(text) as TokenResponse | LoginResponse).access_token
}
