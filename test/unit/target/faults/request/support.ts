import type { FaultOf, FaultType } from '../../../../../contract/faults/fault.ts'
import type { FaultRule } from '../../../../../contract/faults/rule.ts'
import { random } from '../../../../../core/random.ts'
import { ActiveRule } from '../../../../../target/faults/active-rule.ts'
import type { Injection } from '../../../../../target/faults/injection.ts'
import type { Exchange } from '../../../../../target/exchange/exchange.ts'
import type { FaultableExchange } from '../../../../../target/faults/request/faulted-exchange.ts'
import { FaultsSection } from '../../../../../target/ledger/faults-section.ts'
import { FakeClock } from '../../../../support/fake-clock.ts'

export interface InjectionOf<Type extends FaultType> {
  injection: Injection<Type>
  rule: ActiveRule
}

/** An injection by a rule with this fault, for an exchange with this key. */
export function injectionOf<Type extends FaultType>(fault: FaultOf<Type>, key = 'key'): InjectionOf<Type> {
  const definition = { id: 'rule', fault } as FaultRule
  const rule = new ActiveRule(definition, { clock: new FakeClock(), random: random(1), source: 'rules' })
  return { rule, injection: rule.inject(new FaultsSection(), key) as unknown as Injection<Type> }
}

/** The part of an exchange that faults use. */
export function bareExchange(): Exchange {
  return { isOpen: true, bytesOut: 0, onGone: undefined } as Exchange
}

/** An exchange that faults may end, and that does nothing then. */
export function faultable(about: Partial<FaultableExchange> = {}): FaultableExchange {
  return { ...bareExchange(), startedAt: 0, opens: false, discardRequest() {}, close() {}, reset() {}, ...about }
}
