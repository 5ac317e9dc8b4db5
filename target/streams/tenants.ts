import { defaultTenant } from '../../contract/headers.ts'
import type { Clock } from '../../core/clock.ts'
import { ProblemError } from '../problem.ts'
import type { LiveLimits } from './limits.ts'
import { Tenant } from './tenant.ts'

/** All tenants, made at their first request; the default one is there from the start. */
export class Tenants {
  readonly #limits: LiveLimits
  readonly #partitions: number
  readonly #clock: Clock
  readonly #tenants = new Map<string, Tenant>()

  constructor(limits: LiveLimits, partitions: number, clock: Clock) {
    this.#limits = limits
    this.#partitions = partitions
    this.#clock = clock
    this.get(defaultTenant)
  }

  all(): Iterable<Tenant> {
    return this.#tenants.values()
  }

  /** For a request of this tenant. */
  get(name: string): Tenant {
    const now = this.#clock.wallTime()
    const tenant = this.#tenants.get(name) ?? this.#add(name, now)
    tenant.activeAt = now
    return tenant
  }

  #add(name: string, now: number): Tenant {
    const { tenants: most } = this.#limits.current
    if (this.#tenants.size >= most) {
      throw new ProblemError('too_many_tenants', `the target already keeps ${most} tenants; ${name} would be one more`)
    }
    const tenant = new Tenant(name, this.#limits, this.#partitions, now)
    this.#tenants.set(name, tenant)
    return tenant
  }
}
