import type { FaultRule } from '../../contract/faults/rule.ts'
import { wilsonInterval } from '../../core/wilson.ts'
import { scenario, user, type UserDefinition } from '../../harness/scenario.ts'
import { type CheckRow, checkRow, exactRow } from '../check-row.ts'
import { type ConnectionFaultCase, connectionFaultCases } from './connection-fault-cases.ts'
import { answersKeptBack, isCut, isMuted } from './connection-signs.ts'
import { FaultsClient } from '../faults-client.ts'
import { countMuted } from './keep-alives.ts'
import { trial, type TrialOptions } from '../trial.ts'

const SHARE = 0.5
/** Nobody waits for so long unless a connection is not cut that must be. */
const LONGEST_MS = 30_000
const POLL_MS = 50

export interface ConnectionFaultsCheckOptions extends TrialOptions {
  /** Number for each fault. */
  connections: number
  /** Level of each interval. */
  level: number
}

/** A case, and what clients have seen of it. */
interface Watched {
  tested: ConnectionFaultCase
  affected: number
}

/**
 * Every fault that is decided by connection, and of the answers over one, as `checkRequestFaults` does those of
 * requests. Takes a
 * short `streams.idleKeepAlive`, and as many streams as there are connections.
 */
export async function checkConnectionFaults(options: ConnectionFaultsCheckOptions): Promise<CheckRow[]> {
  const { connections, level } = options
  const faults = new FaultsClient(options)
  const watched = connectionFaultCases.map((tested): Watched => ({ tested, affected: 0 }))
  for (const { tested } of watched) await faults.set(ruleOf(tested))
  try {
    const users = watched.flatMap(each => usersOf(each, options, faults))
    await trial(
      options,
      'faults of connections',
      scenario({
        load: {
          executor: 'per-vu-iterations',
          vus: connections * users.length,
          iterations: 1,
          maxDuration: '10m',
        },
        users,
      }),
    )
    const rows: CheckRow[] = []
    for (const each of watched) {
      const { name, id } = each.tested
      if (isOfKeepAlives(each.tested)) each.affected = await countMuted(options, id, connections, faults)
      const { matched, injected } = await faults.report(id)
      const interval = wilsonInterval(injected, matched, level)
      rows.push(
        checkRow(`${name}: observed share`, 'share', { theory: SHARE, observed: injected / matched, interval }),
        exactRow(`${name}: injected, by the rule’s report and the client`, injected, each.affected),
      )
    }
    return rows
  } finally {
    for (const { tested } of watched) await faults.remove(tested.id)
  }
}

function ruleOf({ id, wire, fault }: ConnectionFaultCase): FaultRule {
  const operation = wire === 'sse' ? 'streams.*' : 'sockets.chat'
  const header = { 'x-fault': id }
  // Of answers only those that are about a room.
  const match = fault.type === 'partial_ack' ? { operation, header, channel: 'room:*' } : { operation, header }
  return { id, match, share: SHARE, fault }
}

/** Comments of streams are seen by no client of the harness. */
function isOfKeepAlives({ wire, fault }: ConnectionFaultCase): boolean {
  return wire === 'sse' && fault.type === 'mute_heartbeats'
}

function usersOf(watched: Watched, options: ConnectionFaultsCheckOptions, faults: FaultsClient): UserDefinition[] {
  const { tested } = watched
  const { id, fault } = tested
  if (isOfKeepAlives(tested)) return []
  let allAreCut: Promise<void> | undefined
  return [
    user(id, {
      share: options.connections,
      async iterate(context) {
        let seen: number | boolean
        if (fault.type === 'partial_ack') seen = await answersKeptBack(context, id)
        else if (fault.type === 'mute_heartbeats') seen = await isMuted(context, id)
        else seen = await isCut(context, tested, (allAreCut ??= untilAllAreCut(watched, options, faults)))
        // Not in one with the waiting: others count meanwhile.
        watched.affected += Number(seen)
      },
    }),
  ]
}

/** Every connection has been decided about, and the affected ones are cut: nothing is taken for whole because it was slow. */
async function untilAllAreCut(
  watched: Watched,
  { clock, connections }: ConnectionFaultsCheckOptions,
  faults: FaultsClient,
): Promise<void> {
  const givenUpAt = clock.now() + LONGEST_MS
  while (clock.now() < givenUpAt) {
    const { matched, injected } = await faults.report(watched.tested.id)
    if (matched >= connections && watched.affected >= injected) return
    await clock.sleep(POLL_MS)
  }
}
