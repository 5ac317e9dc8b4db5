import { concealerOf } from '../client/address/url-credentials.ts'
import type { Plan } from '../plan/plan.ts'
import { secretsIn } from '../scenario/given-variables.ts'

/** Returns a function that takes the credentials and secrets of a run out of a text. */
export function runConcealer(
  { hosts, network, variables }: Pick<Plan, 'hosts' | 'network' | 'variables'>,
  { targetUrl, controlUrl }: { targetUrl: string; controlUrl?: string | undefined },
): (text: string) => string {
  const proxyUrls = network.proxies?.all.map(({ url }) => url) ?? []
  const hostUrls = hosts.flatMap(({ url, writtenUrl }) => [url, writtenUrl])
  return concealerOf([targetUrl, controlUrl, ...proxyUrls, ...hostUrls], secretsIn(variables))
}
