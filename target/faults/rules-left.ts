import type { FaultsConfiguration } from '../../contract/configuration/faults.ts'
import type { FaultRule } from '../../contract/faults/rule.ts'
import { rulesOf } from './active-timeline.ts'

/** The rules that are left when some are over. Who names a station whose numbers have gone goes with them. */
export function rulesLeft({ rules, presets }: FaultsConfiguration, over: ReadonlySet<string>): FaultRule[] {
  const left = rules.filter(({ id }) => !over.has(id))
  const stations = new Set<string>()
  for (const { id, fault } of rulesOf([...left, ...presets])) {
    if (fault.type === 'capacity' && fault.servers !== undefined) stations.add(fault.station ?? id)
  }
  return left.filter(({ id, fault }) => fault.type !== 'capacity' || stations.has(fault.station ?? id))
}
