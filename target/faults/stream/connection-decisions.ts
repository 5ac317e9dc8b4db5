import type { ActiveRule } from '../active-rule.ts'
import type { FaultTypeIn } from '../injection.ts'
import { decidedBy, type FaultKey, type FaultSubject } from '../subject.ts'
import type { ConnectionEffect, ConnectionFault, ConnectionFaultDependencies } from './connection-fault.ts'
import { disconnect } from './disconnect.ts'

/** All faults of whole connections, by the type in their rules. */
const connectionFaults: { readonly [Type in FaultTypeIn<'connection'>]: ConnectionFault<Type> } = {
  disconnect,
  /** Suppresses keep-alives, pings and pongs. */
  mute_heartbeats: { begin: () => ({ isMuted: true }) },
}
const faultsByType: Readonly<Record<string, ConnectionFault>> = connectionFaults

/** Decisions about one connection. Each rule decides once, and its decision lasts as long as the rule. */
export class ConnectionDecisions {
  /** The effect of each rule that has decided; undefined if it does not inject its fault. */
  readonly #decided = new Map<ActiveRule, ConnectionEffect | undefined>()

  /** Drops the decisions of all rules but these. */
  keep(rules: readonly ActiveRule[]): void {
    for (const [rule, effect] of this.#decided) {
      if (rules.includes(rule)) continue
      effect?.cancel?.()
      this.#decided.delete(rule)
    }
  }

  /** Decides by the rules that act now and have not decided before. */
  decide(rules: readonly ActiveRule[], subject: FaultSubject, dependencies: ConnectionFaultDependencies): void {
    const now = dependencies.clock.now()
    let key: FaultKey | undefined
    for (const rule of rules) {
      if (!dependencies.connection.isOpen) return
      if (this.#decided.has(rule) || !rule.actsAt(now)) continue
      const injection = rule.inject(subject.faults, ...(key ??= decidedBy(subject)))
      this.#decided.set(rule, injection && faultsByType[injection.fault.type]?.begin(injection, dependencies))
    }
  }

  isMutedAt(now: number): boolean {
    for (const [rule, effect] of this.#decided) {
      if (effect?.isMuted === true && rule.actsAt(now)) return true
    }
    return false
  }

  /** Called when a message was sent. */
  sent(): void {
    for (const effect of this.#decided.values()) effect?.sent?.()
  }

  cancel(): void {
    for (const effect of this.#decided.values()) effect?.cancel?.()
  }
}
