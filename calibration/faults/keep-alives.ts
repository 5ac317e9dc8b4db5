import { request } from 'undici'
import type { FaultsClient } from '../faults-client.ts'
import type { TrialOptions } from '../trial.ts'

const KEEP_ALIVE = ': keep-alive'
/** Keep-alives that an unmuted stream must have received. */
const ENOUGH = 2
const POLL_MS = 20
const LONGEST_MS = 30_000

/**
 * Follows so many silent streams, byte by byte, as no client of the harness shows comments. Those are muted that have none when
 * all others have some: as many others as the rule says that it has not affected.
 */
export async function countMuted(
  { targetUrl, clock }: TrialOptions,
  ruleId: string,
  connections: number,
  faults: FaultsClient,
): Promise<number> {
  const token = await tokenOf(targetUrl)
  const leaving = new AbortController()
  const heard = Array.from({ length: connections }, () => 0)
  const follow = async (at: number) => {
    const { body } = await request(new URL('/v1/streams/silent', targetUrl), {
      headers: {
        authorization: `Bearer ${token}`,
        'x-fault': ruleId,
        'x-loadcell-exchange': `${ruleId}-${at}`,
      },
      signal: leaving.signal,
    })
    for await (const chunk of body) heard[at]! += String(chunk).split(KEEP_ALIVE).length - 1
  }
  const followed = heard.map((_, at) => follow(at).catch(() => {}))
  const givenUpAt = clock.now() + LONGEST_MS
  for (;;) {
    const { matched, injected } = await faults.report(ruleId)
    const others = heard.filter(count => count >= ENOUGH).length
    if ((matched >= connections && others >= connections - injected) || clock.now() > givenUpAt) break
    await clock.sleep(POLL_MS)
  }
  leaving.abort()
  await Promise.all(followed)
  return heard.filter(count => count === 0).length
}

async function tokenOf(targetUrl: string): Promise<string> {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: 'notification-dashboard',
    client_secret: 'consumer-secret',
    scope: 'streams.read',
  })
  const { body } = await request(new URL('/oauth/token', targetUrl), {
    method: 'POST',
    body: form.toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })
  return ((await body.json()) as { access_token: string }).access_token
}
