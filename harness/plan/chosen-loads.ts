import { didYouMean } from '../../core/nearest.ts'
import type { Inspector } from './inspector.ts'
import type { WrittenLoad } from './read-loads.ts'

/**
 * Returns the loads that `--only` names, or all. The first of them starts with the run and the others keep their distance to it,
 * unless something else in the scenario happens at a certain time.
 */
export function chosenLoads(
  inspector: Inspector,
  loads: readonly WrittenLoad[],
  only: readonly string[],
  { keepsTimes }: { keepsTimes: boolean },
): WrittenLoad[] {
  if (only.length === 0) return [...loads]
  const names = loads.flatMap(({ name }) => name ?? [])
  for (const name of new Set(only)) {
    if (names.includes(name)) continue
    const given = JSON.stringify(name)
    const detail =
      names.length === 0
        ? `there is no load ${given}: the scenario has one load, which has no name`
        : `there is no load ${given}${didYouMean(name, names, JSON.stringify)}; there are ${names.join(', ')}`
    inspector.note('--only', detail)
  }
  const chosen = loads.filter(({ name }) => name !== undefined && only.includes(name))
  const firstMs = keepsTimes ? 0 : Math.min(...chosen.map(({ startMs }) => startMs))
  return chosen.map(load => ({ ...load, startMs: load.startMs - firstMs }))
}
