import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { headers } from '../../../contract/headers.ts'
import { createClient } from '../../../harness/client/client.ts'
import { type PlanOptions } from '../../../harness/plan/plan.ts'
import type { RunOptions } from '../../../harness/run/run.ts'
import { scenario, type Scenario, user } from '../../../harness/scenario.ts'
import { runTrial } from './trial.ts'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** A minimal target that counts requests by run. */
async function startTarget(answer?: (request: IncomingMessage, response: ServerResponse) => void) {
  const requestsByRun = new Map<string, number>()
  const server = createServer((request, response) => {
    const runId = String(request.headers[headers.run])
    if (request.url !== '/healthz') requestsByRun.set(runId, (requestsByRun.get(runId) ?? 0) + 1)
    request.resume()
    if (answer === undefined || request.url === '/healthz') response.end('hello')
    else answer(request, response)
  })
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve)
  })
  closing.push(() => {
    server.close()
    server.closeAllConnections()
  })
  return {
    requestsByRun,
    die() {
      server.close()
      server.closeAllConnections()
    },
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  }
}

function start(targetUrl: string, definition: Scenario, overrides: Partial<RunOptions & PlanOptions> = {}) {
  return runTrial(targetUrl, definition, { plan: { tags: { branch: 'main' }, ...overrides }, ...overrides })
}

const getRoot = [user('visitor', { think: '5ms', iterate: ({ http }) => http.get('/') })]

describe('run', () => {
  it('counts exactly what the target counts, without the warm-up', async () => {
    const target = await startTarget()
    const result = await start(
      target.url,
      scenario({
        load: { executor: 'per-vu-iterations', vus: 3, iterations: 20 },
        users: getRoot,
        thresholds: { 'http_reqs{name:/}': ['count==60'], event_gaps: ['count==0'] },
      }),
      { warmup: '200ms' },
    )
    const { id } = result.run
    expect(target.requestsByRun.get(id)).toBe(60)
    expect(target.requestsByRun.get(`${id}~warmup`)).toBeGreaterThan(0)
    expect(result.outcome).toEqual({ state: 'completed', detail: expect.any(String) })
    expect(result.totals).toMatchObject({ requests: 60, iterations: 60, failedRequests: 0, peakUsers: 3 })
    expect(result.totals.receivedBytes).toBe(60 * 'hello'.length)
    expect(result.names).toMatchObject([{ name: '/', method: 'GET', requests: 60, statuses: { '200': 60 } }])
    expect(result.totals.response.count).toBe(60)
    expect(result.spectrum.at(-1)?.percentile).toBe(100)
    expect(result.thresholds.map(({ state }) => state)).toEqual(['passed', 'no-data'])
    expect(result.run).toMatchObject({ seed: 7, tags: { branch: 'main' }, warmupMs: 200 })
    expect(JSON.parse(JSON.stringify(result))).toMatchObject({ format: 'loadcell.run/1' })
  })

  it('sends the arrivals of an open model, and records its timeline', async () => {
    const target = await startTarget()
    const progress: number[] = []
    const result = await start(
      target.url,
      scenario({ load: { executor: 'constant-arrival-rate', rate: 100, duration: '1200ms' }, users: getRoot }),
      { onProgress: ({ totals }) => progress.push(totals.requests) },
    )
    expect(result.totals.iterations + result.totals.droppedIterations).toBe(120)
    expect(target.requestsByRun.get(result.run.id)).toBe(result.totals.requests)
    expect(result.timeline.length).toBeGreaterThanOrEqual(1)
    expect(result.timeline[0]?.offeredPerSecond).toBeGreaterThan(0)
    expect(progress.length).toBeGreaterThanOrEqual(1)
    expect(result.validity.findings.length).toBe(5)
  })

  it('reports at once that a target cannot be reached, and why', async () => {
    const result = await start(
      'http://127.0.0.1:1',
      scenario({ load: { executor: 'constant-vus', vus: 1, duration: '1h' }, users: getRoot }),
    )
    expect(result.outcome.state).toBe('target_unreachable')
    expect(result.outcome.detail).toContain('the connection was refused')
    expect(result.totals.requests).toBe(0)
  })

  it('stops gracefully when interrupted', async () => {
    const target = await startTarget()
    const interrupt = new AbortController()
    const result = await start(
      target.url,
      scenario({
        load: { executor: 'constant-vus', vus: 2, duration: '1h' },
        users: [
          user('visitor', {
            async iterate({ http, vu, sleep }) {
              await http.get('/')
              if (vu.iteration === 5) interrupt.abort()
              if (vu.iteration > 5) await sleep('1h')
            },
          }),
        ],
      }),
      { signal: interrupt.signal },
    )
    expect(result.outcome.state).toBe('interrupted')
    expect(result.totals.interruptedIterations).toBe(0)
    expect(result.totals.requests).toBe(target.requestsByRun.get(result.run.id))
  })

  it('stops at once when killed, and still has a result', async () => {
    const kill = new AbortController()
    const target = await startTarget(() => kill.abort())
    const result = await start(
      target.url,
      scenario({ load: { executor: 'constant-vus', vus: 1, duration: '1h', gracefulStop: '1h' }, users: getRoot }),
      { kill: kill.signal },
    )
    expect(result.outcome.state).toBe('interrupted')
    expect(result.totals.interruptedIterations).toBe(1)
    expect(result.errors).toMatchObject([{ reason: 'interrupted', count: 1 }])
  })

  it('fails if the scenario always throws', async () => {
    const target = await startTarget()
    const result = await start(
      target.url,
      scenario({
        load: { executor: 'shared-iterations', vus: 1, iterations: 3 },
        users: [
          user('visitor', {
            iterate() {
              throw new TypeError('no such product')
            },
          }),
        ],
      }),
    )
    expect(result.outcome.state).toBe('scenario_failed')
    expect(result.outcome.detail).toMatch(/TypeError: no such product \(run\.test\.ts:\d+\)/)
    expect(result.errors).toMatchObject([{ reason: 'exception', name: 'visitor: iterate', count: 3 }])
  })

  it('ends early when a threshold says so', async () => {
    const target = await startTarget((_, response) => response.writeHead(503).end())
    const result = await start(
      target.url,
      scenario({
        load: { executor: 'constant-vus', vus: 1, duration: '1h' },
        users: getRoot,
        thresholds: { http_req_failed: [{ threshold: 'rate<0.5', abortOnFail: true }] },
      }),
    )
    expect(result.outcome).toEqual({
      state: 'aborted_by_threshold',
      detail: 'The threshold http_req_failed rate<0.5 failed and ended the run.',
    })
    expect(result.thresholds).toMatchObject([{ state: 'failed', observed: 1, margin: -1 }])
    expect(result.errors[0]).toMatchObject({ reason: 'status', status: 503 })
  })

  it('ends early when the target dies, and reports all the same', async () => {
    const target = await startTarget()
    const result = await start(
      target.url,
      scenario({ load: { executor: 'constant-vus', vus: 2, duration: '1h' }, users: getRoot }),
      { onProgress: () => target.die() },
    )
    expect(result.outcome.state).toBe('target_lost')
    expect(result.outcome.detail).toContain('the connection was refused')
    expect(result.totals.requests).toBeGreaterThan(result.totals.failedRequests)
    expect(result.errors.map(({ reason }) => reason)).toContain('refused')
  })

  it('throws a defect of its worker, after the teardown', async () => {
    const target = await startTarget()
    let clients = 0
    let isTornDown = false
    const definition = scenario({
      load: { executor: 'constant-vus', vus: 1, duration: '1h' },
      users: getRoot,
      teardown() {
        isTornDown = true
      },
    })
    const running = start(target.url, definition, {
      createClient(options) {
        clients += 1
        // The first one probes the target.
        if (clients === 2) throw new Error('a defect')
        return createClient(options)
      },
    })
    await expect(running).rejects.toThrow('a defect')
    expect(isTornDown).toBe(true)
  })
})
