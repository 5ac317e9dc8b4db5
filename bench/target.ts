import { type Child, type ServerAddress, startChild } from './process.ts'

export function startTarget(): Promise<Child<ServerAddress>> {
  return startChild('server', new URL('subjects/target.ts', import.meta.url))
}

export async function tokenFor(targetUrl: string, clientId: string, clientSecret: string): Promise<string> {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
  })
  const response = await fetch(new URL('/oauth/token', targetUrl), { method: 'POST', body })
  if (!response.ok) throw new Error(`the target gave no token: ${response.status} ${await response.text()}`)
  return ((await response.json()) as { access_token: string }).access_token
}

/** @returns an access token */
export async function logIn(targetUrl: string, user: { email: string; password: string }): Promise<string> {
  const response = await sendJson('POST', new URL('/auth/login', targetUrl), user)
  return ((await response.json()) as { access_token: string }).access_token
}

/** Changes settings of a target that runs. */
export async function configure(targetUrl: string, change: object): Promise<void> {
  await sendJson('PATCH', new URL('/_loadcell/config', targetUrl), change)
}

async function sendJson(method: string, url: URL, body: object): Promise<Response> {
  const response = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!response.ok)
    throw new Error(`${method} ${url.pathname} is answered with ${response.status}: ${await response.text()}`)
  return response
}
