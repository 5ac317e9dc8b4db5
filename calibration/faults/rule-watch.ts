import type { Clock } from '../../core/clock.ts'
import type { FaultsClient } from '../faults-client.ts'

/** A request that was given up by its client may be read by the target only later; one that never left is not waited for longer. */
const ARRIVES_WITHIN_MS = 5000
const POLL_MS = 20

/** Tells of a rule for the requests of one client, which sends one at a time, whether it has struck the one just sent. */
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

  /** By the rule's own report, once it has met all that were sent, the one just now included; undefined of one that it never met. */
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
