import { type Child, type Listening, startChild } from './process.ts'

export function startTarget(): Promise<Child<Listening>> {
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
