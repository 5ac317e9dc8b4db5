import { defaultTenant } from '../../contract/headers.ts'
import type { Clock } from '../../core/clock.ts'
import type { Random } from '../../core/random.ts'
import type { Settings } from '../configuration/settings.ts'
import type { Tenant } from '../streams/tenant.ts'
import type { Tenants } from '../streams/tenants.ts'
import { feedEvent, type FeedName, feedNames } from './content.ts'
import { FeedSchedule } from './schedule.ts'

/** Time a tenant that nobody listens to is still fed after its last request. */
const RECENT_MS = 60_000
/** Tenants fed that nobody listens to: clients may bring ever new ones, and each would cost a feed of its own. */
const MOST_UNHEARD = 64
/** Timers go no finer, and nobody needs them to: what is due by then is made together. */
const SHORTEST_WAIT_MS = 5
/** A feed that is switched on is noticed within this time. */
const LONGEST_WAIT_MS = 250

export interface FeedParts {
  settings: Settings
  tenants: Tenants
  clock: Clock
  random: Random
}

/** Keeps the streams of the tenants in use alive with made-up events, at the configured rates. */
export class Feed {
  readonly #parts: FeedParts
  readonly #schedules = new Map(feedNames.map(name => [name, new FeedSchedule()]))
  #ordinal = 0

  constructor(parts: FeedParts) {
    this.#parts = parts
  }

  /** Runs until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts
    this.tick()
    while (!signal.aborted) {
      const nextAt = Math.min(...[...this.#schedules.values()].map(schedule => schedule.nextAt))
      await clock.sleep(Math.min(Math.max(nextAt - clock.now(), SHORTEST_WAIT_MS), LONGEST_WAIT_MS), signal)
      if (!signal.aborted) this.tick()
    }
  }

  /** Makes the events that are due by now. */
  tick(): void {
    const { clock, settings, tenants } = this.#parts
    const [now, wallTime] = [clock.now(), clock.wallTime()]
    const rates = settings.current.feed
    for (const [name, schedule] of this.#schedules) {
      schedule.setRate(rates[name], now)
      for (let due = schedule.takeDue(now); due > 0; due -= 1) {
        this.#ordinal += 1
        for (const tenant of fedTenants(tenants, wallTime)) this.#feed(tenant, name, wallTime)
      }
    }
  }

  #feed(tenant: Tenant, name: FeedName, wallTime: number): void {
    // The epoch keeps ids of one life of the target apart from those of the next; what they carry stays the same.
    const id = `feed-${tenant.epoch}-${this.#ordinal}`
    const random = this.#parts.random.fork('feed', name, tenant.name, this.#ordinal)
    const publishedAt = Math.round(wallTime * 1000) / 1000
    tenant.append(feedEvent(name, id, publishedAt, random), tenant.stream(name), publishedAt)
  }
}

/** The default tenant, those that somebody follows, and of the others those whose last request was the latest. */
function fedTenants(tenants: Tenants, wallTime: number): Tenant[] {
  const fed: Tenant[] = []
  const unheard: Tenant[] = []
  for (const tenant of tenants.all()) {
    if (tenant.openConnections > 0 || tenant.name === defaultTenant) fed.push(tenant)
    else if (wallTime - tenant.activeAt < RECENT_MS) unheard.push(tenant)
  }
  if (unheard.length > MOST_UNHEARD) unheard.sort((a, b) => b.activeAt - a.activeAt).length = MOST_UNHEARD
  return fed.concat(unheard)
}
