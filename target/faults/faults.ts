import type { FaultScope } from '../../contract/faults/fault.ts'
import type { Clock } from '../../core/clock.ts'
import type { Random } from '../../core/random.ts'
import type { Settings } from '../configuration/settings.ts'
import { ActiveRule, planOf } from './active-rule.ts'
import type { FaultPlan } from './plan.ts'
import type { FaultSubject } from './subject.ts'

/** The rules that are in force now. */
export class Faults {
  /** Whether there is any rule: ask before anything else, so that without rules this costs nothing. */
  on = false
  /** Grows whenever the rules change: who holds what `rulesFor` gave asks again then. */
  version = 0
  readonly #clock: Clock
  readonly #random: Random
  #rules: readonly ActiveRule[] = []

  constructor(settings: Settings, clock: Clock, random: Random) {
    this.#clock = clock
    this.#random = random.fork('faults')
    const read = () => {
      const setAtMs = clock.now()
      this.#rules = settings.current.faults.rules.map(rule => new ActiveRule(rule, this.#random, setAtMs))
      this.on = this.#rules.length > 0
      this.version += 1
    }
    read()
    settings.onChange(read)
  }

  /** What happens to a request or a handshake, decided once; undefined when nothing does. */
  planOf(subject: FaultSubject): FaultPlan | undefined {
    return planOf(this.#ofScope('request'), subject, this.#clock.now())
  }

  /** Rules for an open stream or WebSocket, or for its messages. Ask each of them `actsAt`, then `strike(key, ordinal)`. */
  rulesFor(subject: FaultSubject, scope: Exclude<FaultScope, 'request'>): readonly ActiveRule[] {
    return this.#ofScope(scope).filter(rule => rule.matcher.matches(subject))
  }

  #ofScope(scope: FaultScope): readonly ActiveRule[] {
    return this.#rules.filter(rule => rule.scope === scope)
  }
}
