import type { Configuration } from '../../target/configuration/configuration.ts'
import type { FaultRule } from '../../contract/faults/rule.ts'
import { random } from '../../core/random.ts'
import { mergePatch, successor } from '../../target/configuration/change.ts'
import { loadConfiguration } from '../../target/configuration/load.ts'
import { Lifecycle } from '../../target/lifecycle/lifecycle.ts'
import { LiveSettings } from '../../target/configuration/settings.ts'
import { Faults } from '../../target/faults/faults.ts'
import type { FaultSubject } from '../../target/faults/subject.ts'
import { FaultsSection } from '../../target/ledger/faults-section.ts'
import { FakeClock } from './fake-clock.ts'

export interface FaultsBench {
  faults: Faults
  settings: LiveSettings
  clock: FakeClock
  /** Sets faults as the control plane does. @throws ConfigurationError */
  change: (patch: unknown) => Configuration['faults']
  /** Ids of the rules that affect the subject. */
  injected: (subject: FaultSubject) => string[]
}

/** The faults of a target, without the rest of it. */
export function faultsBench(faults: object = {}, seed = 1): FaultsBench {
  const clock = new FakeClock()
  const flags = { seed: String(seed) }
  const settings = new LiveSettings(loadConfiguration({ env: {}, flags }))
  const change = (patch: unknown) => {
    settings.change(successor(settings.current, mergePatch(settings.current, { faults: patch })))
    return settings.current.faults
  }
  change(faults)
  const engine = new Faults({
    settings,
    clock,
    random: random(seed),
    guard: { recognize: () => undefined },
    lifecycle: new Lifecycle(),
  })
  return {
    faults: engine,
    settings,
    clock,
    change,
    injected: subject => engine.planOf(subject)?.map(injection => injection.rule.id) ?? [],
  }
}

export function subject(about: Partial<FaultSubject> & { headers?: Record<string, string> } = {}): FaultSubject {
  const { headers = {}, ...rest } = about
  return {
    key: 'key',
    operation: 'products.get',
    method: 'GET',
    path: '/api/v1/products/17',
    tenant: 'public',
    client: undefined,
    user: undefined,
    region: undefined,
    header: name => headers[name],
    faults: new FaultsSection(),
    ...rest,
  }
}

/** A rule whose injection shows only by its id. */
export function rule(id: string, about: Partial<FaultRule> = {}): FaultRule {
  return { id, fault: { type: 'status', status: 503 }, ...about }
}
