import { type PresetName, presets } from '../../contract/faults/presets.ts'
import { type FaultRule, scopeOf } from '../../contract/faults/rule.ts'
import type { LedgerReport } from '../../contract/ledger.ts'
import { type KnownOperation, operations } from '../../contract/api/operations.ts'
import { globTest } from '../../core/glob.ts'
import { wilsonInterval } from '../../core/wilson.ts'
import { type Scenario, scenario, user } from '../../harness/scenario.ts'
import { type CheckRow, checkRow, exactRow, judged } from '../check-row.ts'
import { FaultsClient } from '../faults-client.ts'
import { trial, type TrialOptions } from '../trial.ts'

/** Requests of presets with delays of seconds are given up after this: they are decided about all the same. */
const TIMEOUT = '2s'
const CLIENTS = 50
const CONSUMERS = 10

export interface PresetsCheckOptions extends TrialOptions {
  /** Number for each preset; presets for streams get as many messages for each of a few consumers. */
  requests: number
  /** Length for streams: enough for delayed messages to arrive. */
  readForMs: number
  /** Level of each interval. */
  level: number
}

/**
 * Every preset at all operations that its rules are for: each rule meets as much as the ledger counted, and strikes its
 * share of it.
 * Windows are left out, as some open after minutes.
 */
export async function checkPresets(options: PresetsCheckOptions): Promise<CheckRow[]> {
  const rows: CheckRow[] = []
  for (const name of Object.keys(presets) as PresetName[]) rows.push(...(await checkPreset(name, options)))
  return rows
}

async function checkPreset(name: PresetName, options: PresetsCheckOptions): Promise<CheckRow[]> {
  const faults = new FaultsClient(options)
  const rules = (presets[name].rules as readonly FaultRule[]).map(withoutWindow)
  for (const rule of rules) await faults.set(rule)
  try {
    const isOpen = rules.some(({ match }) => [match?.operation ?? []].flat().includes('streams.*'))
    const definition = isOpen ? following(options) : asking(rules, options)
    const { ledger } = await trial(options, `preset ${name}`, definition)
    if (rules.length === 0) return [exactRow(`${name}: rules set`, 0, ledger.faults.rules.length)]
    return rules.flatMap(rule => {
      const { matched, injected } = ledger.faults.rules.find(({ id }) => id === rule.id) ?? { matched: 0, injected: 0 }
      const { share = 1 } = rule
      // What was not sent in time was met by no rule.
      const unsent = scopeOf(rule) === 'message' ? sumOf(ledger.streams, 'unsent') : 0
      const tooBusy = unsent > 0 ? `${unsent} messages were unsent after ${options.readForMs} ms` : undefined
      return [
        judged(
          exactRow(`${rule.id}: matched by the rule, and counted by the ledger`, matched, countedFor(rule, ledger)),
          tooBusy,
        ),
        checkRow(`${rule.id}: observed share`, 'share', {
          theory: share,
          observed: injected / matched,
          interval: wilsonInterval(injected, matched, options.level),
        }),
      ]
    })
  } finally {
    for (const { id } of rules) await faults.remove(id)
  }
}

function withoutWindow(rule: FaultRule): FaultRule {
  const always = { ...rule }
  delete always.window
  return always
}

/** Returns the number of exchanges that a rule applies to, from counts that rules do not influence. */
function countedFor(rule: FaultRule, { operations, streams }: LedgerReport): number {
  const scope = scopeOf(rule)
  if (scope === 'connection') return streams.opened
  if (scope === 'message') return sumOf(streams, 'offered')
  return operations.filter(({ operation }) => isFor(rule, operation)).reduce((sum, { arrivals }) => sum + arrivals, 0)
}

function sumOf({ deliveries }: LedgerReport['streams'], what: 'offered' | 'unsent'): number {
  return deliveries.reduce((sum, account) => sum + account[what], 0)
}

function isFor({ match }: FaultRule, operation: string): boolean {
  return [match?.operation ?? '*'].flat().some(pattern => globTest(pattern)(operation))
}

/** Asks for every operation that there are rules for, in turn; what it is answered does not matter. */
function asking(rules: readonly FaultRule[], { requests }: PresetsCheckOptions): Scenario {
  const asked = (Object.keys(operations) as KnownOperation[]).filter(
    operation => !operation.startsWith('sockets.') && rules.some(rule => isFor(rule, operation)),
  )
  // Without rules anything will do.
  if (asked.length === 0) asked.push('products.list')
  let next = 0
  return scenario({
    load: { executor: 'shared-iterations', vus: CLIENTS, iterations: requests, maxDuration: '10m' },
    users: [
      user('client', {
        async iterate({ http }) {
          const ordinal = next++
          const { method, path } = operations[asked[ordinal % asked.length]!]
          const headers = { 'x-loadcell-exchange': `preset-${ordinal}` }
          const body = method === 'GET' ? {} : { json: {} }
          await http.request(method, path.replaceAll(/\{\w+\}/g, '1'), { headers, timeout: TIMEOUT, ...body })
        },
      }),
    ],
  })
}

/** Follows streams of events; one that is refused or cut is followed again. */
function following({ requests, readForMs }: PresetsCheckOptions): Scenario {
  return scenario({
    load: { executor: 'per-vu-iterations', vus: CONSUMERS, iterations: 1 },
    users: [
      user('consumer', {
        async iterate({ http, sse, auth, fake, vu }) {
          const stream = `preset-${vu.id}`
          await auth.clientCredentials('producer-service', 'producer-secret', 'events.write')
          const events = Array.from({ length: requests }, () => fake.event('job.created', {}))
          await http.post('/v1/events/batch', { json: { stream, events } })
          await auth.clientCredentials('notification-dashboard', 'consumer-secret', 'streams.read')
          const options = { until: readForMs, silence: false } as const
          for await (const _ of sse.open(`/v1/streams/${stream}?from=earliest`, options)) continue
        },
      }),
    ],
  })
}
