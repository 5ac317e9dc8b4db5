import type { ActiveRule } from '../active-rule.ts'
import type { FaultTypeIn } from '../injection.ts'
import { decidedBy, type FaultKey, type FaultSubject } from '../subject.ts'
import type { ConnectionEffect, ConnectionFault, ConnectionFaultDependencies } from './connection-fault.ts'
import { disconnect } from './disconnect.ts'
import { muteHeartbeats } from './mute-heartbeats.ts'

/** Every fault of connections as a whole, by the type in its rule. */
const connectionFaults: { readonly [Type in FaultTypeIn<'connection'>]: ConnectionFault<Type> } = {
  disconnect,
  mute_heartbeats: muteHeartbeats,
}
const faultsByType: Readonly<Record<string, ConnectionFault>> = connectionFaults

/** The decisions about a connection as a whole. Each rule decides once, and its decision lasts as long as the rule. */
export class ConnectionDecisions {
  /** Effects by rule; undefined for a rule that left the connection alone. */
  readonly #decided = new Map<ActiveRule, ConnectionEffect | undefined>()

  /** Drops the decisions of rules that are not among these. */
  keep(rules: readonly ActiveRule[]): void {
    for (const [rule, effect] of this.#decided) {
      if (rules.includes(rule)) continue
      effect?.cancel?.()
      this.#decided.delete(rule)
    }
  }

  /** Asks the rules that act and were not asked before. */
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

  /** A message was sent. */
  sent(): void {
    for (const effect of this.#decided.values()) effect?.sent?.()
  }

  cancel(): void {
    for (const effect of this.#decided.values()) effect?.cancel?.()
  }
}
