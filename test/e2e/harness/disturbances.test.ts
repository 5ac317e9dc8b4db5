import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { reconcile } from '../../../calibration/reconcile.ts'
import { readSettledLedger } from '../../../calibration/ledger-client.ts'
import { systemClock } from '../../../core/clock.ts'
import { type ChatFrame, type SingleLoadScenario, user } from '../../../harness/scenario.ts'
import { runTrial, trialTarget } from './trial.ts'

const start = (flags: Record<string, string> = {}) => trialTarget({ 'streams.retry': '50ms', ...flags })

/** Eight streams and four sockets. All are cut in mid-run, and reconnect if `reconnect` allows it. */
function storm({ share = 1, reconnect = true, at = '1200ms' } = {}): SingleLoadScenario {
  return {
    load: { executor: 'constant-vus', vus: 12, duration: '3s' },
    disturb: [{ at, disconnect: share, label: 'the storm' }],
    users: [
      user('reader', {
        share: 8,
        begin: ({ auth }) => auth.clientCredentials('notification-dashboard', 'consumer-secret', 'streams.read'),
        async iterate({ sse, sleep }) {
          for await (const _ of sse.open('/v1/streams/orders', { reconnect }));
          if (!reconnect) await sleep('1m')
        },
      }),
      user('member', {
        share: 4,
        begin: ({ ws, vu }) =>
          ws.open<ChatFrame>('/ws/chat', { query: { token: `demo-jwt-token-${vu.id}` }, backoff: '50ms', reconnect }),
        iterate: ({ sleep }) => sleep('100ms'),
      }),
    ],
  }
}

describe('a disturbance', () => {
  it('cuts all connections in mid-run, and the result says when they were open again', async () => {
    const targetUrl = await start()
    const result = await runTrial(targetUrl, storm())
    expect(result.outcome.state).toBe('completed')
    expect(result.marks).toEqual([
      { atMs: expect.any(Number), label: 'the storm', detail: 'The target closed 12 connections.' },
    ])
    expect(result.marks[0]!.atMs).toBeGreaterThanOrEqual(1200 - systemClock.timerErrorMs)
    const [recovery] = result.recoveries
    expect(recovery?.connections.map(({ who, broken, back }) => [who, broken, back])).toEqual([
      ['all', 12, 12],
      ['reader', 8, 8],
      ['member', 4, 4],
    ])
    expect(recovery?.connections[0]?.milestones.every(({ afterMs }) => afterMs !== undefined)).toBe(true)
    expect(result.totals.streams).toMatchObject({ opened: 16, reconnects: 8 })
    expect(result.totals.streams.closed.map(({ by, count }) => [by, count])).toEqual([
      ['client', 8],
      ['target', 8],
    ])
    expect(result.totals.sockets.closed.map(({ by, code, count }) => [by, code, count])).toEqual([
      ['client', 1000, 4],
      ['target', 1012, 4],
    ])
    const ledger = await readSettledLedger({ targetUrl, clock: systemClock }, result.run.id)
    expect(ledger.streams.closed).toEqual({ client: 8, control: 8 })
    expect(reconcile(result, ledger).rows.filter(({ difference }) => difference !== 0)).toEqual([])
  })

  it('does not report connections as back that never returned', async () => {
    const result = await runTrial(await start(), storm({ reconnect: false }))
    expect(result.recoveries[0]?.connections[0]).toMatchObject({ who: 'all', broken: 12, back: 0 })
    expect(result.recoveries[0]?.connections[0]?.milestones.map(({ afterMs }) => afterMs)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })

  it('cuts the configured share of connections', async () => {
    const result = await runTrial(await start(), storm({ share: 0.5 }))
    expect(result.marks[0]?.detail).toBe('The target closed 6 connections.')
    expect(result.recoveries[0]?.connections[0]).toMatchObject({ broken: 6, back: 6 })
  })

  it('is rejected before any load if the target is not a Loadcell target', async () => {
    let requests = 0
    const server = createServer((request, response) => {
      if (request.url !== '/healthz' && !request.url?.startsWith('/_loadcell')) requests += 1
      response.writeHead(request.url === '/healthz' ? 200 : 404).end()
    })
    await new Promise<void>(resolve => {
      server.listen(0, '127.0.0.1', resolve)
    })
    onTestFinished(() => server.closeAllConnections())
    onTestFinished(() => void server.close())
    const result = await runTrial(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, storm())
    expect(result.outcome).toEqual({
      state: 'scenario_failed',
      detail:
        'The scenario disturbs its target (at 1.2s: the storm), which needs a Loadcell target; this one has no control plane (answered 404).',
    })
    expect(requests).toBe(0)
    expect(result.marks).toEqual([])
  })

  it('is rejected without the token that the control plane needs, and works with it', async () => {
    const targetUrl = await start({ 'control.token': 'a-secret-of-the-operators' })
    const refused = await runTrial(targetUrl, storm())
    expect(refused.outcome.state).toBe('scenario_failed')
    expect(refused.outcome.detail).toContain('set LOADCELL_CONTROL_TOKEN to its control.token')
    expect(refused.totals.requests).toBe(0)
    const done = await runTrial(targetUrl, storm(), { controlToken: 'a-secret-of-the-operators' })
    expect(done.marks[0]?.detail).toBe('The target closed 12 connections.')
  })

  it('that fails in mid-run ends the run with the reason', async () => {
    const targetUrl = await start()
    let begun = false
    const result = await runTrial(targetUrl, storm({ at: '2900ms' }), {
      onProgress() {
        if (begun) return
        begun = true
        void fetch(`${targetUrl}/_loadcell/config`, {
          method: 'PATCH',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ control: { token: 'closed-to-all-of-a-sudden' } }),
        })
      },
    })
    expect(result.outcome.state).toBe('scenario_failed')
    expect(result.outcome.detail).toMatch(
      /^The target could not be disturbed \(the storm\): .*control plane denied access/,
    )
    expect(result.marks[0]?.detail).toMatch(/^It could not be done: /)
  })

  it('after the end of the run is listed among the errors', async () => {
    const result = await runTrial(await start(), {
      ...storm(),
      load: { executor: 'per-vu-iterations', vus: 1, iterations: 1, maxDuration: '3s' },
      users: [user('passer-by', { iterate: ({ http }) => http.get('/healthz') })],
    })
    expect(result.marks).toEqual([])
    expect(result.errors).toMatchObject([{ reason: 'other', name: 'the storm', count: 1 }])
  })
})
