import { type PresetName, presets } from '../../contract/faults/presets.ts'
import { type FaultRule, scopeOf } from '../../contract/faults/rule.ts'
import type { LedgerReport } from '../../contract/ledger.ts'
import { isSocketOperation, type KnownOperation, operations } from '../../contract/api/operations.ts'
import { globTest } from '../../core/glob.ts'
import { type Scenario, scenario, user } from '../../harness/scenario.ts'
import { type CheckRow, exactRow, judged, shareRow } from '../check-row.ts'
import { type CheckOptions, trial, withRules } from '../trial.ts'

/** Time after which requests that a preset delays by seconds are given up. The target has still decided on them. */
const TIMEOUT = '2s'
const CLIENTS = 50
const CONSUMERS = 10

/**
 * Checks every preset on all operations that its rules are for: what each rule matches, by the ledger's count, and the affected share.
 * Windows are left out, because some open only after minutes.
 */
export async function checkPresets(options: CheckOptions): Promise<CheckRow[]> {
  const rows: CheckRow[] = []
  for (const name of Object.keys(presets) as PresetName[]) rows.push(...(await checkPreset(name, options)))
  return rows
}

async function checkPreset(name: PresetName, options: CheckOptions): Promise<CheckRow[]> {
  const rules = (presets[name].rules as readonly FaultRule[]).map(withoutWindow)
  const isOfStreams = rules.some(({ match }) => [match?.operation ?? []].flat().includes('streams.*'))
  const definition = isOfStreams ? following(options) : asking(rules, options)
  const { ledger } = await withRules(options, rules, () => trial(options, `preset ${name}`, definition))
  if (rules.length === 0) return [exactRow(`${name}: rules set`, 0, ledger.faults.rules.length)]
  return rules.flatMap(rule => {
    const account = ledger.faults.rules.find(({ id }) => id === rule.id) ?? { matched: 0, injected: 0 }
    // Rules do not see messages that were not sent in time.
    const unsent = scopeOf(rule) === 'message' ? sumOf(ledger.streams, 'unsent') : 0
    const tooBusy = unsent > 0 ? `${unsent} messages were unsent after ${options.readForMs} ms` : undefined
    const what = `${rule.id}: matched by the rule, and counted by the ledger`
    return [
      judged(exactRow(what, account.matched, countedFor(rule, ledger)), tooBusy),
      shareRow(`${rule.id}: observed share`, rule.share ?? 1, account, options.level),
    ]
  })
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

/** Requests every operation that the rules are for, in turn. The answers do not matter. */
function asking(rules: readonly FaultRule[], { presetRequests }: CheckOptions): Scenario {
  const asked = (Object.keys(operations) as KnownOperation[]).filter(
    operation => !isSocketOperation(operation) && rules.some(rule => isFor(rule, operation)),
  )
  // Without rules, any operation is suitable.
  if (asked.length === 0) asked.push('products.list')
  let next = 0
  return scenario({
    load: { executor: 'shared-iterations', vus: CLIENTS, iterations: presetRequests, maxDuration: '10m' },
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

/** Follows streams of events, and opens those that are refused or cut again. */
function following({ presetRequests, readForMs }: CheckOptions): Scenario {
  return scenario({
    load: { executor: 'per-vu-iterations', vus: CONSUMERS, iterations: 1 },
    users: [
      user('consumer', {
        async iterate({ http, sse, auth, fake, vu }) {
          const stream = `preset-${vu.id}`
          await auth.clientCredentials('producer-service', 'producer-secret', 'events.write')
          const events = Array.from({ length: presetRequests }, () => fake.event('job.created', {}))
          await http.post('/v1/events/batch', { json: { stream, events } })
          await auth.clientCredentials('notification-dashboard', 'consumer-secret', 'streams.read')
          const options = { until: readForMs, silence: false } as const
          for await (const _ of sse.open(`/v1/streams/${stream}?from=earliest`, options)) continue
        },
      }),
    ],
  })
}
