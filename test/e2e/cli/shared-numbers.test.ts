import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { LedgerReport } from '../../../contract/ledger.ts'
import type { RunResult } from '../../../harness/results/run-result.ts'
import { testTarget } from '../target/support.ts'
import { readResult, scratchFolder, writeScenario } from './loadcell.ts'
import { loadcell } from './warm-loadcell.ts'

const scenario = () =>
  writeScenario(`import { scenario, user } from 'loadcell'
export default scenario({
  load: { executor: 'constant-vus', vus: 6, duration: '2300ms' },
  users: [
    user('reader', {
      share: 2, think: '20ms',
      tasks: {
        read: { run: async ({ http, check }) => check(await http.get('/products/7'), { 'is there': ({ status }) => status === 200 }) },
        miss: { run: async ({ http, check }) => check(await http.get('/products/0'), { 'is there': ({ status }) => status === 200 }) },
      },
    }),
    user('writer', { share: 1, begin: ({ auth }) => auth.clientCredentials('producer-service', 'producer-secret', 'events.write'), think: '20ms', async iterate({ http, fake }) {
      await http.post('/v1/events/publish', { json: fake.priceChanged() })
    } }),
    user('follower', { share: 1, begin: ({ auth }) => auth.clientCredentials('notification-dashboard', 'consumer-secret', 'streams.read'), async iterate({ sse }) {
      for await (const message of sse.open('/v1/streams/notifications?channels=pricing', { until: '400ms' })) void message
    } }),
  ],
})`)

let result: RunResult
let ledger: LedgerReport
/** Both without markup, line breaks and thousands separators. */
let summary: string
let page: string

const sum = <T>(rows: readonly T[], of: (row: T) => number): number => rows.reduce((all, row) => all + of(row), 0)
const plain = (text: string) => text.replaceAll(/[,\u202f\u2009](?=\d{3})/g, '').replaceAll(/\s+/g, ' ')

beforeAll(async () => {
  const target = await testTarget()
  const out = scratchFolder()
  const { output } = await loadcell([
    'run',
    scenario(),
    '--target',
    target.url,
    '--warmup',
    '0',
    '--quiet',
    '--out',
    out,
  ])
  result = readResult(out)
  ledger = (await (await fetch(`${target.url}/_loadcell/ledger?run=${result.run.id}`)).json()) as LedgerReport
  summary = plain(output)
  const html = readFileSync(join(out, 'report.html'), 'utf8')
  page = plain(html.replaceAll(/<(style|script)[^]*?<\/\1>/g, '').replaceAll(/<[^>]*>/g, ' '))
}, 60_000)

describe('the numbers of a run are the same everywhere', () => {
  it('in the parts of result.json', () => {
    const { totals, names, checks, errors, series, timeline, spectrum, consumers } = result
    const { requests, failedRequests, iterations } = totals
    expect(requests).toBeGreaterThan(20)
    expect(failedRequests).toBeGreaterThan(5)
    expect(totals.events.delivered).toBeGreaterThan(5)
    expect(sum(names, row => row.requests)).toBe(requests)
    expect(sum(names, row => row.failed)).toBe(failedRequests)
    expect(sum(names, row => sum(Object.values(row.statuses), count => count))).toBe(requests)
    expect(sum(errors, row => row.count)).toBe(failedRequests)
    const counted = (metric: string) =>
      sum(series, ({ metric: name, value }) => (name === metric && value.kind === 'counter' ? value.total : 0))
    expect(counted('http_reqs')).toBe(requests)
    expect(counted('iterations')).toBe(iterations)
    expect(sum(checks, ({ fails }) => fails)).toBe(failedRequests)
    expect(spectrum.at(-1)!.responseMs).toBe(totals.response.maxMs)
    expect(sum(consumers, ({ received }) => received)).toBe(totals.events.delivered)

    const inTimeline = (
      rate: 'requestsPerSecond' | 'failuresPerSecond' | 'iterationsPerSecond' | 'deliveredPerSecond',
    ) =>
      sum(timeline, point => (point[rate] * (point.atMs - (timeline[timeline.indexOf(point) - 1]?.atMs ?? 0))) / 1000)
    expect(inTimeline('requestsPerSecond')).toBeCloseTo(requests)
    expect(inTimeline('failuresPerSecond')).toBeCloseTo(failedRequests)
    expect(inTimeline('iterationsPerSecond')).toBeCloseTo(iterations)
    expect(inTimeline('deliveredPerSecond')).toBeCloseTo(totals.events.delivered)
    expect(timeline.at(-1)!.atMs).toBeCloseTo(result.run.durationMs)
    const { breakdown, users } = result
    for (const group of breakdown.names.groups) {
      const row = names.find(({ name, method }) => name === group.name && method === group.method)!
      expect(sum(group.requests, count => count)).toBe(row.requests)
      expect(sum(group.failed, count => count)).toBe(row.failed)
      expect(sum(group.heat, ([, ...counts]) => sum(counts, count => count))).toBe(row.response.count)
    }
    const kinds = users.filter(({ task }) => task === undefined)
    expect(sum(kinds, row => row.requests)).toBe(requests)
    expect(sum(kinds, row => row.iterations)).toBe(iterations)
    expect(sum(breakdown.failures.kinds, ({ counts }) => sum(counts, count => count))).toBe(failedRequests)
    expect(sum(breakdown.heat.columns, ([, ...counts]) => sum(counts, count => count))).toBe(totals.response.count)
    expect(totals.connecting.count).toBeGreaterThan(0)
    expect(totals.waiting.count).toBe(totals.response.count)
    expect(Math.max(...timeline.map(({ activeUsers }) => activeUsers))).toBe(totals.peakUsers)
    expect(Math.max(...timeline.map(({ openStreams }) => openStreams))).toBe(totals.streams.peakOpen)
  })

  it('in the ledger of the target', () => {
    const { totals, reconciliation } = result
    expect(reconciliation.state).toBe('agrees')
    expect(sum(ledger.operations, ({ arrivals }) => arrivals)).toBe(totals.requests)
    const refused = ledger.operations.filter(({ operation }) => operation === 'products.get')
    expect(sum(refused, ({ statuses }) => statuses['404'] ?? 0)).toBe(totals.failedRequests)
    expect(ledger.events.accepted).toBe(totals.events.accepted)
    expect(sum(ledger.streams.deliveries, ({ delivered }) => delivered)).toBe(totals.events.delivered)
    expect(sum(ledger.operations, ({ bytesIn }) => bytesIn)).toBe(totals.sentBytes)
  })

  it('in the summary and in the report', () => {
    const { requests, failedRequests, iterations, events, streams, peakUsers } = result.totals
    const [check] = result.checks
    for (const words of [
      `requests ${requests} ·`,
      `${failedRequests} failed`,
      `${events.published} published`,
      `${events.delivered} delivered on ${streams.opened} streams`,
      `failed ${check!.fails} of ${check!.passes + check!.fails} times`,
      `${check!.passes} of ${check!.passes + check!.fails} held`,
      `iterations ${iterations} completed`,
      `${failedRequests} × an unexpected status, 404`,
    ]) {
      expect(summary).toContain(words)
    }
    for (const words of [
      `Requests ${requests} `,
      `${failedRequests} of ${requests} `,
      `Events delivered ${events.delivered} from ${events.published} published`,
      `Users at peak ${peakUsers} `,
      ` 404 ${failedRequests} `,
      // Every name, user and task has charts of its own.
      'Charts show all requests reader writer follower reader: ',
      'Users and tasks',
    ]) {
      expect(page).toContain(words)
    }
    expect(iterations).toBeGreaterThan(0)
  })
})
