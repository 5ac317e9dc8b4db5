import { resolve } from 'node:path'
import { type Child, type Listening, startChild } from './process.ts'

const main = resolve(import.meta.dirname, '../cli/main.ts')

/** The target as `loadcell target` starts it, without the ambient feed: only the bench's own events are on its streams. */
export function startTarget(): Promise<Child<Listening>> {
  const settings = ['log.level=warn', 'feed.orders=0', 'feed.inventory=0', 'feed.pricing=0']
  return startChild('server', main, 'target', '--port', '0', ...settings.flatMap(setting => ['--set', setting]))
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
