import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readSettledLedger } from '../../../calibration/ledger-client.ts'
import { reconcile } from '../../../calibration/reconcile.ts'
import { headers } from '../../../contract/headers.ts'
import type { LedgerReport } from '../../../contract/ledger.ts'
import { systemClock } from '../../../core/clock.ts'
import { createPlan } from '../../../harness/plan/plan.ts'
import type { IncompleteResult } from '../../../harness/results/complete.ts'
import { run } from '../../../harness/run/run.ts'
import { counter, csvFeeder, type Scenario, scenario, user } from '../../../harness/scenario.ts'
import { startTarget } from '../../../target/app.ts'
import { loadConfiguration } from '../../../target/configuration/load.ts'
import { localWorkers } from '../../support/local-workers.ts'

const COUNTS = [1, 2, 4]

async function runWith(workers: number, targetUrl: string, definition: Scenario, warmup: string | 0 = 0) {
  const never = new AbortController().signal
  const plan = createPlan(definition, 'trial', { seed: 7, tags: {}, warmup })
  return run(plan, {
    clock: systemClock,
    signal: never,
    kill: never,
    targetUrl,
    embedded: false,
    version: '0.0.0',
    ...localWorkers(plan, workers),
  })
}

/** A server that keeps what it receives: method, path, key, cookie and body. It gives each user a cookie. */
async function startRecorder() {
  const received: string[] = []
  const server = createServer((request: IncomingMessage, response) => {
    let body = ''
    request.on('data', chunk => (body += String(chunk)))
    request.on('end', () => {
      const key = request.headers[headers.exchange.toLowerCase()]
      if (String(request.headers[headers.run.toLowerCase()]).includes('~') || request.url === '/healthz') {
        response.end()
        return
      }
      // Ids that are unique in the world name the run.
      const line = [request.method, request.url, key, request.headers.cookie ?? '', body].join(' ')
      received.push(line.replaceAll(String(request.headers[headers.run.toLowerCase()]), 'run'))
      if (request.url?.startsWith('/enter')) response.setHeader('set-cookie', `who=${request.url.slice(7)}; Path=/`)
      response.end('{}')
    })
  })
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    received,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => server.close(),
  }
}

describe.each(COUNTS)('a run of one seed with %i workers', workers => {
  let recorder: Awaited<ReturnType<typeof startRecorder>>
  const folder = mkdtempSync(join(tmpdir(), 'loadcell-'))
  beforeAll(async () => {
    recorder = await startRecorder()
  })
  afterAll(() => {
    recorder.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('sends the same requests as with one: paths, keys, cookies of users, rows of files and payloads', async () => {
    const file = join(folder, 'accounts.csv')
    writeFileSync(file, `name\n${Array.from({ length: 40 }, (_, row) => `account-${row}`).join('\n')}\n`)
    const accounts = csvFeeder(file, { mode: 'unique' })
    const rows = csvFeeder(file)
    const sold = counter('sold', { unit: 'items', description: 'Items.', tags: ['shelf'] })
    const prepare = () => ({ shelf: 'left' })
    const buyer = user('buyer', {
      async begin({ http, vu, random }) {
        await http.get(`/enter/${accounts.next({ vu, random }).name}`)
      },
      tasks: {
        look: {
          weight: 2,
          run: ({ http, vu, random }) => http.get(`/items/${rows.next({ vu, random }).name}?draw=${random.next()}`),
        },
        buy: {
          tags: { kind: 'purchase' },
          async run({ http, fake, random, record, group, shared }) {
            await group('purchase', () => http.post('/orders', { json: { id: fake.id(), draw: random.next() } }))
            record(sold, 2, { shelf: shared(prepare).shelf })
          },
        },
      },
    })
    const arriving = user('arriving', {
      iterate: ({ http, random }) => http.post('/arrivals', { json: { draw: random.next() } }),
    })
    const definition = scenario({
      setup: prepare,
      metrics: [sold],
      tags: ['kind'],
      loads: {
        budget: { executor: 'per-vu-iterations', vus: 9, iterations: 5, users: [buyer] },
        visits: { executor: 'per-vu-iterations', vus: 4, iterations: 3, startTime: '100ms', users: [buyer] },
        poisson: {
          executor: 'ramping-arrival-rate',
          startRate: 20,
          stages: [{ duration: '500ms', target: 80 }],
          arrivals: 'poisson',
          preAllocatedVUs: 30,
          users: [arriving],
        },
      },
    })
    const one = await startRecorder()
    const [whole, parts] = await Promise.all([
      runWith(1, one.url, definition),
      runWith(workers, recorder.url, definition),
    ])
    one.close()
    expect(one.received.length).toBeGreaterThan(80)
    expect(recorder.received.toSorted()).toEqual(one.received.toSorted())
    expect(new Set(recorder.received.filter(line => line.includes('/enter/'))).size).toBe(13)
    const counted = ({ totals, customMetrics, groups, tagged, users }: IncompleteResult) => ({
      requests: totals.requests,
      iterations: totals.iterations,
      sold: customMetrics?.flatMap(({ figures }) => (figures.kind === 'counter' ? figures.total : [])),
      groups: groups?.map(({ group, count }) => [group, count]),
      tagged: tagged?.map(({ tag, value, requests }) => [tag, value, requests]),
      users: users.map(row => [row.load, row.user, row.task, row.iterations, row.requests]),
    })
    expect(counted(parts)).toEqual(counted(whole))
  })
})

/** A whole day in two seconds: a timeline of faults, a consumer group, a stream, events, chat and logins. */
const bench = () =>
  scenario({
    faults: {
      rules: [
        { id: 'some', match: { operation: 'categories.list' }, share: 0.3, fault: { type: 'status', status: 500 } },
      ],
      timeline: {
        phases: [
          { name: 'calm', duration: '700ms' },
          {
            name: 'shaky',
            duration: '1h',
            faults: [
              { id: 'shaky', match: { operation: 'products.get' }, share: 0.4, fault: { type: 'status', status: 503 } },
            ],
          },
        ],
      },
    },
    load: { executor: 'per-vu-iterations', vus: 12, iterations: 6 },
    users: [
      user('member', {
        async begin({ auth }) {
          await auth.clientCredentials('notification-dashboard', 'consumer-secret', 'streams.read')
        },
        async iterate({ sse, vu }) {
          if (vu.iteration > 0) return
          for await (const { event } of sse.open('/v1/streams/jobs?consumer_group=readers', { until: '1800ms' }))
            void event
        },
      }),
      user('producer', {
        async begin({ auth, sleep }) {
          await auth.clientCredentials('producer-service', 'producer-secret', 'events.write')
          await sleep('300ms')
        },
        async iterate({ http, fake, sleep }) {
          const events = Array.from({ length: 5 }, () => fake.event('job.queued', {}, fake.id()))
          await http.post('/v1/events/batch', { json: { stream: 'jobs', events } })
          await sleep('150ms')
        },
      }),
      user('reader', {
        async begin({ auth }) {
          await auth.login('qa.user1@example.com', 'TestPass123!')
        },
        async iterate({ http, sleep, vu }) {
          await http.get(`/api/v1/products/${1 + vu.iteration}`)
          await http.get('/api/v1/categories')
          await sleep('250ms')
        },
      }),
    ],
  })

describe('runs of one seed with 1, 2 and 4 workers', () => {
  const runs: { result: IncompleteResult; ledger: LedgerReport }[] = []
  beforeAll(async () => {
    const flags = { 'http.port': '0', 'log.level': 'silent', 'feed.orders': '0' }
    for (const workers of COUNTS) {
      const target = await startTarget(loadConfiguration({ env: {}, flags }))
      const result = await runWith(workers, target.url, bench(), workers === 2 ? '300ms' : 0)
      runs.push({
        result,
        ledger: await readSettledLedger({ targetUrl: target.url, clock: systemClock }, result.run.id),
      })
      await target.close()
    }
  })

  it('agree with the ledger on every count, with streams, a consumer group, a warm-up and faults', () => {
    for (const { result, ledger } of runs) {
      const { rows, state } = reconcile(result, ledger)
      expect(rows.filter(({ difference }) => difference !== 0)).toEqual([])
      expect(state).toBe('agrees')
      expect(result.outcome.state).toBe('completed')
    }
  })

  it('publish the same events, and deliver each to one member of the group at most', () => {
    for (const { result } of runs) {
      const { published, delivered, duplicates } = result.totals.events
      expect({ published, duplicates }).toEqual({ published: 120, duplicates: 0 })
      expect(delivered).toBeGreaterThan(0)
      expect(delivered).toBeLessThanOrEqual(120)
    }
  })

  it('have the same faults, whichever worker sends the request', () => {
    const failed = runs.map(({ result }) => result.names.find(({ name }) => name === '/api/v1/categories')?.failed)
    expect(failed[0]).toBeGreaterThan(2)
    expect(failed).toEqual(runs.map(() => failed[0]))
  })

  it('have the phases of the timeline at the same times for all workers', () => {
    for (const { result } of runs) {
      const [calm, shaky] = result.phases
      const faulty = result.series.filter(({ metric, tags }) => metric === 'http_reqs' && tags.status === '503')
      expect([...new Set(faulty.map(({ tags }) => tags.phase))]).toEqual(['shaky'])
      expect(calm!.requests + shaky!.requests).toBe(result.totals.requests)
    }
  })

  it('list each of several workers with what it did', () => {
    for (const [at, { result }] of runs.entries()) {
      expect(result.workers?.map(({ worker }) => worker)).toEqual(
        Array.from({ length: COUNTS[at]! }, (_, index) => index + 1),
      )
      expect(result.workers!.reduce((sum, { requests }) => sum + requests, 0)).toBe(result.totals.requests)
      expect(result.validity.findings).toContainEqual(
        expect.objectContaining({ question: 'Did every worker stay to the end?', state: 'ok' }),
      )
    }
  })
})

describe('two workers of an open load', () => {
  it('begin their arrivals only when the users of both have begun', async () => {
    const recorder = await startRecorder()
    const happened: string[] = []
    const slow = user('slow', {
      async begin({ sleep, vu }) {
        if (vu.id % 2 === 1) await sleep('400ms')
        happened.push('begun')
      },
      iterate: () => void happened.push('arrival'),
    })
    const load = { executor: 'constant-arrival-rate', rate: 40, duration: '500ms', preAllocatedVUs: 10 } as const
    const result = await runWith(2, recorder.url, scenario({ load, users: [slow] }))
    recorder.close()
    expect(result.totals.iterations).toBe(20)
    expect(happened.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 'begun'))
  })
})
