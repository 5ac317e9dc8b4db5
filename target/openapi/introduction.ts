import type { Static } from 'typebox'
import { AuthConfiguration } from '../configuration/schema/auth.ts'
import { defaultTenant } from '../../contract/headers.ts'
import type { OpenApiDocument } from './specification.ts'

// Every configuration key has a default.
const defaults = Object.fromEntries(
  Object.entries(AuthConfiguration.properties).map(([key, schema]) => [key, (schema as { default?: unknown }).default]),
) as Static<typeof AuthConfiguration>

/** The text above the operations: their common rules, and who may call them. */
export const introduction = `The reference target of Loadcell: a server to try load tests on, which keeps a ledger of what truly happened.

**Spellings.** The REST API has three spellings of each path: \`/api/v1/products\`, \`/api/products\` and \`/products\`. Only the first is
listed here; links in answers are in the spelling that was asked. Every \`GET\` takes \`HEAD\` too, and every path \`OPTIONS\`.

**Who may call.** Catalog and health are open. Orders and tasks are open to guests, unless \`auth.mode\` is strict. The rest takes a
token: \`POST /oauth/token\` gives one to a client, \`POST /api/v1/auth/login\` to a user. Unless configured otherwise, there are:

| Client | Secret | Scopes |
| --- | --- | --- |
${defaults.clients.map(({ id, secret, scopes }) => row(code(id), code(secret), scopes.map(code).join(' '))).join('\n')}

| User | Password |
| --- | --- |
${[
  ...defaults.users.map(({ email, passwords }) => row(code(email), passwords.map(code).join(' or '))),
  ...defaults.userPatterns.map(({ email, password }) => row(code(email), code(password))),
].join('\n')}

The token of a user holds the scopes ${defaults.userScopes.map(code).join(' ')}.

**Headers.** Any request may carry \`X-Tenant-Id\` (its tenant, by default \`${defaultTenant}\`), \`X-Request-Id\` (echoed),
\`X-Loadcell-Run\` (the run it belongs to in the ledger) and \`X-Loadcell-Exchange\` (the key of one exchange; with
\`X-Loadcell-Attempt\` where it comes again). A body may be packed:
\`Content-Encoding: gzip\`.

**Refusals** are problem documents (RFC 9457) with a stable \`code\`, and change nothing. The OAuth endpoints answer as RFC 6749 says.
`

export const tags: OpenApiDocument['tags'] = [
  { name: 'OAuth 2.0', description: 'Tokens for clients and users.' },
  { name: 'Accounts', description: 'Users log in, and see what is theirs.' },
  { name: 'Catalog', description: 'Products to browse and search: the same for everybody.' },
  { name: 'Orders', description: 'Every caller has their own; guests share theirs.' },
  { name: 'Tasks', description: 'One board a tenant, shared by all who work there.' },
  { name: 'Reports', description: 'Jobs that queue, take their time, and leave a file.' },
  { name: 'Events', description: 'Events go in, and land in streams.' },
  { name: 'Streams', description: 'Events come out. A stream does not end: follow it with `curl -N`.' },
  { name: 'WebSockets', description: 'Conversations in frames of JSON. They cannot be tried here.' },
  { name: 'Health', description: 'Whether it is alive and ready.' },
]

function row(...cells: string[]): string {
  return `| ${cells.join(' | ')} |`
}

function code(text: string): string {
  return `\`${text}\``
}
