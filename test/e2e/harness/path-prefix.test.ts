import { connect, createServer, type Server, type Socket } from 'node:net'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { readSettledLedger } from '../../../calibration/ledger-client.ts'
import { reconcile } from '../../../calibration/reconcile.ts'
import { systemClock } from '../../../core/clock.ts'
import { createPlan } from '../../../harness/plan/plan.ts'
import { run } from '../../../harness/run/run.ts'
import { type ChatFrame, scenario, user } from '../../../harness/scenario.ts'
import { startTarget } from '../../../target/app.ts'
import { loadConfiguration } from '../../../target/configuration/load.ts'

/** Forwards requests under `/base` without that prefix, and records all others. The target does not know the prefix. */
async function behindBase(targetUrl: string): Promise<{ url: string; outside: string[] }> {
  const outside: string[] = []
  const sockets = new Set<Socket>()
  const server: Server = createServer({ allowHalfOpen: true }, client => {
    const target = connect({ port: Number(new URL(targetUrl).port), host: '127.0.0.1', allowHalfOpen: true })
    for (const socket of [client, target]) {
      sockets.add(socket)
      socket.on('error', () => [client, target].forEach(each => each.destroy()))
    }
    client.on('data', chunk => {
      // Each head begins a chunk, because the harness writes one request at a time and each head at once.
      const text = chunk.toString('latin1')
      const path = /^[A-Z]+ (\/\S*) HTTP\/1\.1\r\n/.exec(text)?.[1]
      if (path !== undefined && !path.startsWith('/base/')) outside.push(path)
      target.write(path === undefined ? chunk : Buffer.from(text.replace(' /base/', ' /'), 'latin1'))
    })
    client.on('end', () => target.end())
    target.pipe(client)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/base`, outside }
}

test('a target behind an unknown path prefix gets every request under it, and both ends agree', async () => {
  const flags = { 'http.port': '0', 'log.level': 'silent', 'reports.duration': '50ms' }
  const target = await startTarget(loadConfiguration({ env: {}, flags }))
  onTestFinished(() => target.close())
  const { url, outside } = await behindBase(target.url)
  const plan = createPlan(
    scenario({
      load: { executor: 'per-vu-iterations', vus: 3, iterations: 2 },
      faults: {
        rules: [{ id: 'slow', match: { path: '/api/v1/products/7' }, fault: { type: 'delay', distribution: 1 } }],
      },
      users: [
        user('visitor', {
          async iterate({ http, auth, check }) {
            await auth.login('qa.user1@example.com', 'TestPass123!')
            await http.get('/api/v1/products/7')
            const placed = await http.post('/api/v1/orders', { json: { product_id: 7, quantity: 1 } })
            const order = await http.get(String(placed.headers['location']))
            check(order.status, { 'the order is where its Location says': status => status === 200 })
            await auth.logout()
          },
        }),
        user('analyst', {
          async iterate({ http, auth, jobs, check }) {
            auth.bearer('reporting-load-test-token')
            const job = await jobs.follow(await http.post('/api/v1/reports', { json: { type: 'orders' } }))
            check(job.status, { 'the report is done': status => status === 'completed' })
            const file = await http.get(job.downloadUrl!)
            check(file.bodyBytes, { 'the report has content': bytes => bytes > 0 })
          },
        }),
        user('listener', {
          async iterate({ sse, ws, auth, check }) {
            await auth.clientCredentials('notification-dashboard', 'consumer-secret', 'streams.read')
            let events = 0
            for await (const { event } of sse.open('/v1/streams/orders?consumer_group=g', { events: 3 })) {
              void event
              events += 1
            }
            check(events, { 'events come': count => count === 3 })
            auth.none()
            const socket = await ws.open<ChatFrame>('/ws/chat', { query: { token: 'demo-jwt-token-ann' } })
            await socket.request({ action: 'ping' }, { type: 'pong' })
            await socket.close()
          },
        }),
      ],
    }),
    'prefixed',
    { seed: 7, tags: {}, warmup: 0 },
  )
  const never = new AbortController().signal
  const result = await run(plan, {
    clock: systemClock,
    signal: never,
    kill: never,
    targetUrl: url,
    embedded: false,
    version: '0.0.0',
  })
  expect(result.errors).toEqual([])
  expect(result.checks.filter(({ fails }) => fails > 0)).toEqual([])
  expect(result.checks).toHaveLength(4)
  expect(outside).toEqual([])
  expect(result.names.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['/api/v1/products/{id}', '/v1/streams/{stream}', '/ws/chat']),
  )
  expect(result.lag.unavailable).toBeUndefined()
  const ledger = await readSettledLedger({ targetUrl: url, clock: systemClock }, result.run.id)
  expect(ledger.faults.rules).toMatchObject([{ id: 'slow', matched: 2, injected: 2 }])
  expect(reconcile(result, ledger).rows.filter(({ difference }) => difference !== 0)).toEqual([])
})
