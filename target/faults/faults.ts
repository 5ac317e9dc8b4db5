import type { IncomingMessage } from 'node:http'
import type { FaultScope } from '../../contract/faults/fault.ts'
import { operationNames, operations } from '../../contract/operations.ts'
import type { Clock } from '../../core/clock.ts'
import type { Random } from '../../core/random.ts'
import type { Guard } from '../auth/guard.ts'
import type { Settings } from '../configuration/settings.ts'
import type { Exchange } from '../http/exchange.ts'
import { ActiveRule, planOf } from './active-rule.ts'
import { Arrivals } from './arrivals.ts'
import { ExchangeSubject, type Recognize } from './exchange-subject.ts'
import type { FaultPlan } from './plan.ts'
import type { FaultSubject } from './subject.ts'

export interface FaultsParts {
  settings: Settings
  clock: Clock
  random: Random
  guard: Pick<Guard, 'recognize'>
}

/** The rules that are in force now. */
export class Faults {
  /** Whether there is any rule: ask before anything else, so that without rules this costs nothing. */
  on = false
  /** Grows whenever the rules change: who holds what `rulesFor` gave asks again then. */
  version = 0
  readonly #clock: Clock
  readonly #random: Random
  readonly #recognize: Recognize
  readonly #arrivals = new Arrivals(operationNames)
  #rules: readonly ActiveRule[] = []

  constructor({ settings, clock, random, guard }: FaultsParts) {
    this.#clock = clock
    this.#random = random.fork('faults')
    this.#recognize = ({ operation }, request) =>
      guard.recognize(request, operation === 'unmatched' ? undefined : operations[operation].access)
    const read = () => {
      const setAtMs = clock.now()
      this.#rules = settings.current.faults.rules.map(rule => new ActiveRule(rule, this.#random, setAtMs))
      this.on = this.#rules.length > 0
      this.version += 1
    }
    read()
    settings.onChange(read)
  }

  /** The exchange as rules see it. Once an exchange, when it begins: what comes without a key is counted. */
  subjectOf(exchange: Exchange, request: IncomingMessage): FaultSubject {
    return new ExchangeSubject(exchange, request, this.#arrivals.next(exchange.operation), this.#recognize)
  }

  /** What happens to a request or a handshake, decided once; undefined when nothing does. */
  planOf(subject: FaultSubject): FaultPlan | undefined {
    return planOf(this.#ofScope('request'), subject, this.#clock.now())
  }

  /**
   * Rules for an open stream or WebSocket, or for its messages. Ask each of them `actsAt`, and for a message its matcher
   * `matchesChannel`, then `strike(subject.faults, subject.key, …)`.
   */
  rulesFor(subject: FaultSubject, scope: Exclude<FaultScope, 'request'>): readonly ActiveRule[] {
    return this.#ofScope(scope).filter(rule => rule.matcher.matches(subject))
  }

  #ofScope(scope: FaultScope): readonly ActiveRule[] {
    return this.#rules.filter(rule => rule.scope === scope)
  }
}
