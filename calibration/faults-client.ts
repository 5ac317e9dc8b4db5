import type { FaultRuleReport } from '../contract/faults/report.ts'
import type { FaultRule } from '../contract/faults/rule.ts'
import type { CapacityReport, StationReport } from '../contract/faults/station-report.ts'
import { ControlPlane, type ControlPlaneOptions } from '../harness/control/control-plane.ts'
import type { Clock } from '../core/clock.ts'

/** Sets fault rules of a target and looks at its stations, by its control plane. */
export class FaultsClient {
  readonly #control: ControlPlane

  constructor({ targetUrl, controlToken }: Pick<ControlPlaneOptions, 'targetUrl' | 'controlToken'>) {
    this.#control = new ControlPlane({ targetUrl, controlToken })
  }

  /** @throws Error with the target's response. */
  async set(rule: FaultRule): Promise<void> {
    await this.#control.send('PUT', `/faults/${rule.id}`, rule)
  }

  async remove(id: string): Promise<void> {
    await this.#control.send('DELETE', `/faults/${id}`)
  }

  /** Returns what a rule has done since it was set. */
  async report(id: string): Promise<FaultRuleReport> {
    return await this.#control.send<FaultRuleReport>('GET', `/faults/${id}`)
  }

  async station(name: string): Promise<StationReport> {
    const { stations } = await this.#control.send<CapacityReport>('GET', '/capacity')
    const station = stations.find(station => station.name === name)
    if (station === undefined) throw new Error(`the target has no station ${name}; were its rules changed meanwhile?`)
    return station
  }
}

/**
 * A request that was given up by its client may be read by the target only later; one that never left is not waited for
 * longer.
 */
const ARRIVES_WITHIN_MS = 5000
const POLL_MS = 20

/** Tells whether a rule affected the request just sent. The rule is for one client, which sends one request at a time. */
export class RuleWatch {
  readonly #ruleId: string
  readonly #faults: FaultsClient
  readonly #clock: Clock
  #sent = 0
  #matched = 0
  #injected = 0

  constructor(ruleId: string, faults: FaultsClient, clock: Clock) {
    this.#ruleId = ruleId
    this.#faults = faults
    this.#clock = clock
  }

  /** Waits until the rule's report counts all requests sent so far. Returns undefined if it never counts the latest one. */
  async hasInjected(): Promise<boolean | undefined> {
    this.#sent += 1
    const givenUpAt = this.#clock.now() + ARRIVES_WITHIN_MS
    for (;;) {
      const { matched, injected } = await this.#faults.report(this.#ruleId)
      const isLate = matched < this.#sent
      if (isLate && this.#clock.now() < givenUpAt) {
        await this.#clock.sleep(POLL_MS)
        continue
      }
      const hasArrived = matched > this.#matched
      const hasInjected = injected > this.#injected
      this.#sent = matched
      this.#matched = matched
      this.#injected = injected
      return hasArrived ? hasInjected : undefined
    }
  }
}
