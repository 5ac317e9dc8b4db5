import { operations } from '../../contract/api/operations.ts'
import type { Access } from '../../contract/api/operation.ts'

const tokenUrl = operations['oauth.token'].path

const scopes = {
  'events.write': 'Publish events.',
  'streams.read': 'Follow streams.',
  'reports.read': 'Poll and download reports.',
  'reports.write': 'Queue and cancel reports.',
  profile: 'Read your own profile and orders.',
  chat: 'Chat.',
  collaboration: 'Write documents together.',
}

export const securitySchemes = {
  oauth2: {
    type: 'oauth2',
    description: 'Gets a token and sends it with every request.',
    flows: { clientCredentials: { tokenUrl, scopes }, password: { tokenUrl, scopes } },
  },
  bearer: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'An access token from the token endpoint or a login, or one of the static tokens.',
  },
} as const

/** Returns the alternatives for authentication. The empty one stands for a guest. */
export function securityOf(access: Access): Record<string, string[]>[] {
  if (access.kind === 'public') return []
  const scopes = access.kind === 'bearer' && access.scope !== undefined ? [access.scope] : []
  const withToken: Record<string, string[]>[] = [{ oauth2: scopes }, { bearer: [] }]
  return access.kind === 'guest' ? [{}, ...withToken] : withToken
}
