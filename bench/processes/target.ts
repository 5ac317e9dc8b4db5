import { type Child, startChild } from './process.ts'

/** @param settings of its configuration, by dotted key. */
export function startTarget(settings: Record<string, string> = {}): Promise<Child> {
  return startChild('server', 'subjects/target.ts', settings)
}

/** @returns an access token for a service. */
export async function tokenFor(targetUrl: string, clientId: string, clientSecret: string): Promise<string> {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
  })
  return tokenIn(await send('POST', new URL('/oauth/token', targetUrl), { body }))
}

/** @returns an access token for a user. */
export async function logIn(targetUrl: string, user: { email: string; password: string }): Promise<string> {
  return tokenIn(await send('POST', new URL('/auth/login', targetUrl), json(user)))
}

/** Changes settings of a running target. */
export async function configure(targetUrl: string, change: object): Promise<void> {
  await send('PATCH', new URL('/_loadcell/config', targetUrl), json(change))
}

function json(body: object): RequestInit {
  return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

async function send(method: string, url: URL, request: RequestInit): Promise<Response> {
  const response = await fetch(url, { method, ...request })
  if (response.ok) return response
  throw new Error(`the target answered ${method} ${url.pathname} with ${response.status}: ${await response.text()}`)
}

async function tokenIn(response: Response): Promise<string> {
  return ((await response.json()) as { access_token: string }).access_token
}
