import type { Static } from 'typebox'
import { AuthConfiguration } from '../configuration/schema/auth.ts'
import { defaultTenant } from '../../contract/headers.ts'
import type { OpenApiDocument } from './specification.ts'

// All keys of `auth` have a default.
const defaults = Object.fromEntries(
  Object.entries(AuthConfiguration.properties).map(([key, schema]) => [key, (schema as { default?: unknown }).default]),
) as Static<typeof AuthConfiguration>

/** The text above the operations: their common rules, and who may call them. */
export const introduction = `The reference target of Loadcell: a server to try load tests on, which keeps a ledger of what truly happened.

**Spellings.** The REST API has three spellings of each path: \`/api/v1/products\`, \`/api/products\` and \`/products\`. Only the first is
listed here. Links in a response use the spelling of its request. Wherever \`GET\` is allowed, so is \`HEAD\`; every path answers \`OPTIONS\`.

**Authentication.** Catalog and health are open. Orders and tasks are open to guests, unless \`auth.mode\` is strict. Everything else needs a
token: \`POST /oauth/token\` issues one to a client, \`POST /api/v1/auth/login\` to a user. By default, there are:

| Client | Secret | Scopes |
| --- | --- | --- |
${defaults.clients.map(({ id, secret, scopes }) => row(code(id), code(secret), scopes.map(code).join(' '))).join('\n')}

| User | Password |
| --- | --- |
${[
  ...defaults.users.map(({ email, passwords }) => row(code(email), passwords.map(code).join(' or '))),
  ...defaults.userPatterns.map(({ email, password }) => row(code(email), code(password))),
].join('\n')}

A user's token has the scopes ${defaults.userScopes.map(code).join(' ')}.

**Headers.** Any request may carry \`X-Tenant-Id\` (its tenant, by default \`${defaultTenant}\`), \`X-Request-Id\` (echoed),
\`X-Loadcell-Run\` (the run it belongs to in the ledger) and \`X-Loadcell-Exchange\` (the key of one exchange; with
\`X-Loadcell-Attempt\` when it is sent again). A body may be compressed:
\`Content-Encoding: gzip\`.

**Refusals** are problem documents (RFC 9457) with a stable \`code\`, and a refused request changes nothing. The errors of the OAuth endpoints follow RFC 6749.
`

export const tags: OpenApiDocument['tags'] = [
  { name: 'OAuth 2.0', description: 'Tokens for clients and users.' },
  { name: 'Accounts', description: 'Log in, and read your own profile and orders.' },
  { name: 'Catalog', description: 'Products to browse and search, the same for every caller.' },
  { name: 'Orders', description: 'Each caller has orders of their own. All guests of a tenant share theirs.' },
  { name: 'Tasks', description: 'One task board for each tenant, shared by its users.' },
  { name: 'Reports', description: 'Jobs that wait in a queue, run for a while, and produce a file to download.' },
  { name: 'Events', description: 'Publish events to streams.' },
  { name: 'Streams', description: 'Read events from streams. A stream does not end: follow it with `curl -N`.' },
  { name: 'WebSockets', description: 'Two-way conversations in JSON frames. This page cannot open them.' },
  {
    name: 'Language models',
    description: 'Completions as OpenAI clients ask for them. Refusals have the shape of that API.',
  },
  { name: 'GraphQL', description: 'The same catalog, orders, streams and rooms by GraphQL.' },
  { name: 'STOMP', description: 'The same streams and rooms by STOMP over WebSocket.' },
  { name: 'gRPC', description: 'The same streams, rooms and quotes by gRPC. This page cannot call them.' },
  { name: 'Socket.IO', description: 'The same streams, rooms, quotes and notifications by Socket.IO.' },
  { name: 'Health', description: 'Liveness and readiness of the target.' },
]

function row(...cells: string[]): string {
  return `| ${cells.join(' | ')} |`
}

function code(text: string): string {
  return `\`${text}\``
}
