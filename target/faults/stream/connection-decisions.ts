import type { ActiveRule } from '../active-rule.ts'
import type { Injection } from '../injection.ts'
import { decidedBy, type FaultKey, type FaultSubject } from '../subject.ts'
import { Disconnection, type DisconnectionParts } from './disconnect.ts'

interface Decision {
  readonly injection: Injection | undefined
  readonly disconnection: Disconnection | undefined
}

/** The decisions about a connection as a whole. Each rule decides once, and its decision lasts as long as the rule. */
export class ConnectionDecisions {
  readonly #decided = new Map<ActiveRule, Decision>()

  /** Drops the decisions of rules that are not among these. */
  keep(rules: readonly ActiveRule[]): void {
    for (const [rule, { disconnection }] of this.#decided) {
      if (rules.includes(rule)) continue
      disconnection?.cancel()
      this.#decided.delete(rule)
    }
  }

  /** Asks those that act, and were not asked before. */
  decide(rules: readonly ActiveRule[], subject: FaultSubject, parts: DisconnectionParts): void {
    const now = parts.clock.now()
    let key: FaultKey | undefined
    for (const rule of rules) {
      if (!parts.connection.isOpen) return
      if (this.#decided.has(rule) || !rule.actsAt(now)) continue
      const injection = rule.inject(subject.faults, ...(key ??= decidedBy(subject)))
      const isCut = injection?.fault.type === 'disconnect'
      const disconnection = isCut ? new Disconnection(injection, parts) : undefined
      this.#decided.set(rule, { injection, disconnection })
    }
  }

  isMutedAt(now: number): boolean {
    for (const [rule, { injection }] of this.#decided) {
      if (injection?.fault.type === 'mute_heartbeats' && rule.actsAt(now)) return true
    }
    return false
  }

  /** A message was sent. */
  sent(): void {
    for (const { disconnection } of this.#decided.values()) disconnection?.sent()
  }

  cancel(): void {
    for (const { disconnection } of this.#decided.values()) disconnection?.cancel()
  }
}
