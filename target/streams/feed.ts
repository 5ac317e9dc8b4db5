import { defaultTenant } from '../../contract/headers.ts'
import type { Clock } from '../../core/clock.ts'
import type { Random } from '../../core/random.ts'
import type { Settings } from '../configuration/settings.ts'
import type { Tenant } from './tenant.ts'
import type { Tenants } from './tenants.ts'
import { feedEvent, type FeedName, feedNames } from './feed-content.ts'

/** Time that a tenant without followers is fed after its last request. */
const RECENT_MS = 60_000
/** Maximum number of tenants without followers that are fed. Clients may create any number of tenants, and each costs a feed. */
const MOST_UNFOLLOWED = 64
/** Shortest time between two ticks. Events that become due meanwhile are made together. */
const SHORTEST_WAIT_MS = 5
/** Longest time between two ticks, so that a feed that is switched on starts soon. */
const LONGEST_WAIT_MS = 250

export interface FeedDependencies {
  settings: Settings
  tenants: Tenants
  clock: Clock
  random: Random
}

/** Keeps the streams of the tenants in use alive with made-up events, at the configured rates. */
export class Feed {
  readonly #dependencies: FeedDependencies
  readonly #schedules = new Map(feedNames.map(name => [name, new FeedSchedule()]))
  #ordinal = 0

  constructor(dependencies: FeedDependencies) {
    this.#dependencies = dependencies
  }

  /** Runs until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#dependencies
    this.tick()
    while (!signal.aborted) {
      const nextAt = Math.min(...[...this.#schedules.values()].map(schedule => schedule.nextAt))
      await clock.sleep(Math.min(Math.max(nextAt - clock.now(), SHORTEST_WAIT_MS), LONGEST_WAIT_MS), signal)
      if (!signal.aborted) this.tick()
    }
  }

  /** Makes the events that are due by now. */
  tick(): void {
    const { clock, settings, tenants } = this.#dependencies
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
    // The epoch is part of the id, so that ids differ after a restart. The content stays the same.
    const id = `feed-${tenant.epoch}-${this.#ordinal}`
    const random = this.#dependencies.random.fork('feed', name, tenant.name, this.#ordinal)
    const publishedAt = Math.round(wallTime * 1000) / 1000
    tenant.append(feedEvent(name, id, publishedAt, random), tenant.stream(name), publishedAt)
  }
}

/** Returns the default tenant, all tenants with followers, and of the others those with the latest requests. */
function fedTenants(tenants: Tenants, wallTime: number): Tenant[] {
  const fed: Tenant[] = []
  const unfollowed: Tenant[] = []
  for (const tenant of tenants.all()) {
    if (tenant.openConnections > 0 || tenant.name === defaultTenant) fed.push(tenant)
    else if (wallTime - tenant.activeAt < RECENT_MS) unfollowed.push(tenant)
  }
  if (unfollowed.length > MOST_UNFOLLOWED) unfollowed.sort((a, b) => b.activeAt - a.activeAt).length = MOST_UNFOLLOWED
  return fed.concat(unfollowed)
}

/** A longer delay is a stall: events that were due meanwhile are skipped instead of sent in a burst. */
const STALL_MS = 1000

/** The times when a feed's events are due: the n-th at origin + n / rate, however late earlier ones were. */
export class FeedSchedule {
  #perSecond = 0
  #originMs = 0
  #taken = 0

  /** A changed rate applies from now on. */
  setRate(perSecond: number, now: number): void {
    if (perSecond === this.#perSecond) return
    this.#perSecond = perSecond
    this.#startAt(now)
  }

  /** Infinity while the feed is off. */
  get nextAt(): number {
    return this.#perSecond === 0
      ? Number.POSITIVE_INFINITY
      : this.#originMs + ((this.#taken + 1) * 1000) / this.#perSecond
  }

  /** Returns the number of events that have become due since the last call. */
  takeDue(now: number): number {
    if (now - this.nextAt > STALL_MS) this.#startAt(now)
    if (now < this.nextAt) return 0
    const due = Math.floor(((now - this.#originMs) * this.#perSecond) / 1000) - this.#taken
    // One is due now, even if rounding puts it a little later.
    const count = Math.max(1, due)
    this.#taken += count
    return count
  }

  #startAt(now: number): void {
    this.#originMs = now
    this.#taken = 0
  }
}
