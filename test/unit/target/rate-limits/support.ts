import type { Configuration } from '../../../../target/configuration/configuration.ts'
import type { RateLimitRule } from '../../../../target/configuration/schema/http.ts'
import { type KnownOperation, operations } from '../../../../contract/api/operations.ts'
import type { Bearer } from '../../../../target/exchange/bearer.ts'
import { loadConfiguration } from '../../../../target/configuration/load.ts'
import { LiveSettings } from '../../../../target/configuration/settings.ts'
import type { Exchange } from '../../../../target/exchange/exchange.ts'
import { RunMemory } from '../../../../target/ledger/counts.ts'
import { RateLimitsSection } from '../../../../target/ledger/admission-section.ts'
import { RateLimits } from '../../../../target/rate-limits/rate-limits.ts'
import { Lifecycle } from '../../../../target/lifecycle/lifecycle.ts'
import { FakeClock } from '../../../support/fake-clock.ts'
import { plenty, roomy } from '../../../support/memory.ts'

/** A caller: a user through a client, a client by itself, or an address without a token. */
export interface Asker {
  user?: string
  client?: string
  address?: string
  tenant?: string
}

/** The outcome of a request: the headers of the response, and the seconds to wait if it was refused. */
export interface Met {
  policy: string | undefined
  standing: string | undefined
  retryAfterSeconds: number | undefined
}

/** Rate limits on a clock of their own, with the section of one run. */
export function limitsBench(rules: RateLimitRule[], { buckets = 1000, callers = 1000 } = {}) {
  const configuration = withRules(loadConfiguration({ env: {}, flags: {} }), rules, buckets)
  const clock = new FakeClock()
  const settings = new LiveSettings(configuration)
  let shown: Bearer | undefined
  const limits = new RateLimits({
    settings,
    guard: { recognize: () => shown },
    clock,
    memory: plenty(),
    lifecycle: new Lifecycle(),
  })
  const section = new RateLimitsSection(callers, new RunMemory(roomy()))
  return {
    clock,
    settings,
    limits,
    section,
    change: (next: RateLimitRule[]) => settings.change(withRules(settings.current, next, buckets)),
    ask: (operation: KnownOperation, { user, client = user && 'app', address, tenant = 'public' }: Asker = {}): Met => {
      const headers = new Map<string, string>()
      shown = client === undefined ? undefined : bearer(client, user)
      const exchange = {
        operation,
        tenant,
        // A public operation does not read the token.
        bearer: operations[operation].access.kind === 'public' ? undefined : shown,
        account: { rateLimits: section },
      } as unknown as Exchange
      const request = { headers: {}, socket: { remoteAddress: address ?? '10.0.0.1' } } as never
      const refusal = limits.refusalOf(exchange, request, { header: (name, value) => headers.set(name, value) })
      return {
        policy: headers.get('ratelimit-policy'),
        standing: headers.get('ratelimit'),
        retryAfterSeconds: refusal && Number(refusal.extra.headers?.['retry-after']),
      }
    },
  }
}

function bearer(client: string, user: string | undefined): Bearer {
  return {
    client,
    subject: user ?? client,
    user: user === undefined ? undefined : { id: Number(user), email: `${user}@example.com` },
    scopes: [],
    expiresAtMs: Infinity,
    family: 'one',
    tokenId: 'one.1',
  }
}

function withRules(configuration: Configuration, rules: RateLimitRule[], buckets: number): Configuration {
  return { ...configuration, rateLimits: { rules, buckets } }
}
