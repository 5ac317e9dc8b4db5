import type { FaultRule } from '../../contract/faults/rule.ts'
import type { ControlPlane } from '../../harness/control/control-plane.ts'
import { scenario, user, type UserDefinition } from '../../harness/scenario.ts'
import { type CheckRow, exactRow, shareRow } from '../check-row.ts'
import { type CheckOptions, ruleReport, trial, withRules } from '../trial.ts'
import { type ConnectionFaultCase, connectionFaultCases } from './connection-fault-cases.ts'
import { countMuted } from './keep-alives.ts'

const SHARE = 0.5
/** A wait reaches this limit only if the target does not cut a connection that it decided to cut. */
const LONGEST_MS = 30_000
const POLL_MS = 50

/** A case, and how often clients saw its fault. */
interface Watched {
  tested: ConnectionFaultCase
  affected: number
}

/**
 * Checks every fault of connections and of their answers: the affected share, and what the rule and the client say.
 * The target needs a short `streams.idleKeepAlive`, and as many streams as there are connections.
 */
export async function checkConnectionFaults(options: CheckOptions): Promise<CheckRow[]> {
  const { connections, level } = options
  const watched = connectionFaultCases.map((tested): Watched => ({ tested, affected: 0 }))
  return withRules(options, connectionFaultCases.map(ruleOf), async control => {
    const users = watched.flatMap(each => usersOf(each, options, control))
    const load = {
      executor: 'per-vu-iterations',
      vus: connections * users.length,
      iterations: 1,
      maxDuration: '10m',
    } as const
    await trial(options, 'faults of connections', scenario({ load, users }))
    const rows: CheckRow[] = []
    for (const each of watched) {
      const { name, id, countAffected } = each.tested
      if (countAffected === undefined) each.affected = await countMuted(options, id, control)
      const report = await ruleReport(control, id)
      rows.push(
        shareRow(`${name}: observed share`, SHARE, report, level),
        exactRow(`${name}: injected, by the rule’s report and the client`, report.injected, each.affected),
      )
    }
    return rows
  })
}

function ruleOf({ id, match, fault }: ConnectionFaultCase): FaultRule {
  return { id, match: { ...match, header: { 'x-fault': id } }, share: SHARE, fault }
}

function usersOf(watched: Watched, options: CheckOptions, control: ControlPlane): UserDefinition[] {
  const { id, countAffected } = watched.tested
  if (countAffected === undefined) return []
  let allAreCut: Promise<void> | undefined
  return [
    user(id, {
      share: options.connections,
      async iterate(context) {
        const affected = await countAffected(context, () => (allAreCut ??= untilAllAreCut(watched, options, control)))
        // Added only now, because other users add to it during the wait.
        watched.affected += affected
      },
    }),
  ]
}

/** Waits until the target has decided on every connection and clients saw all cuts, so that a slow cut is not taken for none. */
async function untilAllAreCut(
  watched: Watched,
  { clock, connections }: CheckOptions,
  control: ControlPlane,
): Promise<void> {
  const deadline = clock.now() + LONGEST_MS
  while (clock.now() < deadline) {
    const { matched, injected } = await ruleReport(control, watched.tested.id)
    if (matched >= connections && watched.affected >= injected) return
    await clock.sleep(POLL_MS)
  }
}
