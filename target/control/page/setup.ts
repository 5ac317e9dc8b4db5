import { yaml } from '../../../core/yaml.ts'
import { operationNames } from '../../../contract/api/operations.ts'
import { presets } from '../../../contract/faults/presets.ts'
import type { StationSetup, TargetSetup } from '../../../contract/target-page.ts'
import { type KneeCurve, kneeCurve } from '../../capacity/knee-curve.ts'
import type { StationSettings } from '../../capacity/station-settings.ts'
import type { Station } from '../../capacity/station.ts'
import type { Configuration } from '../../configuration/configuration.ts'
import type { Faults } from '../../faults/faults.ts'
import type { CapacityStations } from '../../faults/request/capacity.ts'
import type { Changes } from './changes.ts'
import { MOST_STATIONS } from './station-rates.ts'

export interface SetupDependencies {
  faults: Faults
  stations: CapacityStations
  changes: Changes
}

const MOST_RULES = 40
const DEFAULT_PER = '1s'

/** Computing a curve with many servers takes a while, and a station keeps its settings until they are changed. */
const curves = new WeakMap<StationSettings, KneeCurve>()

/** Returns what can be changed on the page, and how it is set now. */
export function setupOf({ faults, rateLimits }: Configuration, dependencies: SetupDependencies): TargetSetup {
  const { timeline } = faults
  const on = new Set(dependencies.faults.report().presets)
  return {
    stations: dependencies.stations
      .states()
      .slice(0, MOST_STATIONS)
      .map(([name, station]) => stationSetup(name, station, dependencies)),
    presets: Object.entries(presets).map(([name, { description }]) => ({
      name,
      description,
      isOn: on.has(name) && name !== 'healthy',
    })),
    ...(timeline !== null && { timeline: yaml().stringify(timeline) }),
    rateLimits: rateLimits.rules.map(({ name, by, requests, per = DEFAULT_PER, burst }) => ({
      name,
      by,
      requests,
      per: String(per),
      ...(burst !== undefined && { burst }),
    })),
    rules: faults.rules.slice(0, MOST_RULES),
    operations: [...operationNames],
    changes: dependencies.changes.list,
  }
}

function stationSetup(name: string, { settings }: Station, { faults }: SetupDependencies): StationSetup {
  const { servers, service, queueLimit } = settings
  let curve = curves.get(settings)
  if (curve === undefined) curves.set(settings, (curve = kneeCurve(settings)))
  const definer = faults.rules.find(
    ({ id, fault }) => fault.type === 'capacity' && fault.servers !== undefined && (fault.station ?? id) === name,
  )
  return {
    name,
    rule: definer?.id ?? name,
    servers,
    serviceMeanMs: service.meanMs,
    queueLimit,
    ...(service.meanMs > 0 && { kneePerSecond: (servers / service.meanMs) * 1000 }),
    model: curve.model,
    curve: curve.points,
  }
}
