import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { type FencedTarget, fencedTarget } from '../../support/fenced-target.ts'

const BUDGET_BYTES = 64 * 2 ** 20
/** Memory that the process takes besides its budget: code, garbage, and pages that the kernel takes back late. */
const MOST_RSS_MB = 480
const MEGABYTE = 'x'.repeat(1_000_000)
const fence = { 'memory.budgetBytes': String(BUDGET_BYTES) }
/** A budget that clients fill within a few seconds. */
const smallFence = { 'memory.budgetBytes': String(16 * 2 ** 20) }
const json = { 'content-type': 'application/json' }

test('large events in one or many streams evict the oldest events of the largest stream', async () => {
  const target = await fencedTarget()
  // Without a setting, the budget depends on the memory limit of the process.
  const { '': budgetBytes } = await target.metrics('loadcell_memory_budget_bytes')
  expect(budgetBytes).toBeGreaterThan(32 * 2 ** 20)
  expect(budgetBytes).toBeLessThanOrEqual(128 * 2 ** 20)
  for (let n = 0; n < 200; n += 1) {
    const status = await target.publish({ pad: MEGABYTE }, { 'x-tenant-id': `tenant-${n % 30}` })
    expect(status).toBe(202)
  }
  // Two bytes a character.
  for (let n = 0; n < 100; n += 1) {
    expect(await target.publish({ pad: '東'.repeat(330_000) }, { 'x-tenant-id': `tenant-${n % 30}` })).toBe(202)
  }
  const used = await target.metrics('loadcell_memory_used_bytes')
  const forgotten = await target.metrics('loadcell_memory_forgotten_total')
  expect(Object.values(used).reduce((sum, bytes) => sum + bytes)).toBeLessThanOrEqual(budgetBytes!)
  expect(used['histories']).toBeGreaterThan(budgetBytes! / 4)
  expect(forgotten['histories']).toBeGreaterThan(100)
  expect(target.rssMb()).toBeLessThan(MOST_RSS_MB)
}, 120_000)

test('many tenants with tasks, events and keys leave room for another, and the reset frees them', async () => {
  const target = await fencedTarget(fence)
  const text = 'd'.repeat(10_000)
  const statuses = new Set<number>()
  for (let n = 0; n < 600; n += 1) {
    const headers = { ...json, 'x-tenant-id': `t${n}`, 'idempotency-key': `key-${n}` }
    const body = JSON.stringify({ title: 'one', description: text })
    const answers = await Promise.all([
      fetch(`${target.url}/api/tasks`, { method: 'POST', headers, body }),
      fetch(`${target.url}/api/tasks?limit=100`, { headers }),
    ])
    for (const answer of answers) {
      statuses.add(answer.status)
      await answer.arrayBuffer()
    }
  }
  const used = await target.metrics('loadcell_memory_used_bytes')
  expect(Object.values(used).reduce((sum, bytes) => sum + bytes)).toBeLessThanOrEqual(BUDGET_BYTES)
  // Tenants share the initial tasks, so this many fit.
  expect([...statuses].filter(status => status >= 500)).toEqual([])
  await fetch(`${target.url}/_loadcell/reset`, { method: 'POST' })
  const after = await target.metrics('loadcell_memory_used_bytes')
  expect(after['tasks']).toBe(0)
  expect(after['idempotency']).toBe(0)
  expect(await target.metrics('loadcell_tenants')).toEqual({ '': 1 })
  const next = await fetch(`${target.url}/api/tasks`, { headers: { 'x-tenant-id': 'next' } })
  expect(next.status).toBe(200)
}, 120_000)

test('the reset frees memory that active tenants have filled, and the ambient feed goes on', async () => {
  const target = await fencedTarget({ 'memory.budgetBytes': String(10 * 2 ** 20), 'feed.orders': '50' })
  const body = JSON.stringify({ title: 'one', description: 'd'.repeat(10_000) })
  const statuses: number[] = []
  for (let n = 0; n < 400; n += 1) {
    const headers = { ...json, 'x-tenant-id': `t${n}` }
    const answer = await fetch(`${target.url}/api/tasks`, { method: 'POST', headers, body })
    await answer.arrayBuffer()
    statuses.push(answer.status)
    statuses.push(await target.publish({ n }, headers))
  }
  expect(statuses.at(-1)).toBe(503)
  const reset = await fetch(`${target.url}/_loadcell/reset`, { method: 'POST' })
  expect(reset.status).toBe(200)
  // Only the default tenant is left.
  const { streams } = await target.metrics('loadcell_memory_used_bytes')
  expect(streams).toBeLessThan(20_000)
  await until(async () => (await target.metrics('loadcell_events_kept'))['']! > 5)
  await serves(target)
}, 60_000)

test('parallel bodies are refused beyond the budget, and counted', async () => {
  const target = await fencedTarget(smallFence)
  const head = (length: number) =>
    `POST /api/tasks HTTP/1.1\r\nhost: t\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`
  const sockets = await Promise.all(Array.from({ length: 60 }, () => opened(target.port)))
  const answers = sockets.map(socket => answerOf(socket))
  // All but the last bytes are sent, so each request waits with its partial body.
  for (const socket of sockets) socket.write(`${head(1_000_001)}{"title":"${MEGABYTE.slice(0, 999_990)}`)
  await until(async () => (await target.metrics('loadcell_memory_refused_total'))['']! > 0)
  expect(target.rssMb()).toBeLessThan(MOST_RSS_MB)
  for (const socket of sockets) socket.end('"}'.padEnd(1_000_001 - 10 - 999_990))
  const statuses = (await Promise.all(answers)).map(text => text.slice(9, 12))
  expect(statuses).toContain('503')
  expect(statuses.filter(status => !['400', '503', ''].includes(status))).toEqual([])
  await serves(target)
}, 60_000)

test('a client that does not read its responses is refused beyond the budget', async () => {
  const target = await fencedTarget(smallFence)
  const asked = 'GET /api/tasks?limit=100 HTTP/1.1\r\nhost: t\r\n\r\n'.repeat(900)
  const sockets = await Promise.all(Array.from({ length: 40 }, () => opened(target.port)))
  for (const socket of sockets) {
    socket.pause()
    socket.write(asked)
  }
  await until(async () => (await target.metrics('loadcell_memory_refused_total'))['']! > 0)
  expect(target.rssMb()).toBeLessThan(MOST_RSS_MB)
  for (const socket of sockets) socket.destroy()
  await serves(target)
}, 60_000)

test('unfinished WebSocket messages end their connections beyond the budget', async () => {
  const target = await fencedTarget(smallFence)
  const sockets = await Promise.all(Array.from({ length: 200 }, () => opened(target.port)))
  const answers = sockets.map(socket => answerOf(socket))
  const handshake = `GET /ws/chat HTTP/1.1\r\nhost: t\r\nauthorization: Bearer demo-jwt-token-one\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`
  // The first fragment of a text message with an empty mask, and nothing after it.
  const fragment = Buffer.alloc(14 + 200_000, 'x')
  fragment.set([0x01, 0xff, 0, 0, 0, 0, 0, 3, 0x0d, 0x40, 0, 0, 0, 0])
  for (const socket of sockets) socket.write(handshake)
  for (const socket of sockets) socket.write(fragment)
  await until(async () => (await target.metrics('loadcell_sockets_open'))['']! < 100)
  expect(target.rssMb()).toBeLessThan(MOST_RSS_MB)
  // Closed clients go on sending as long as they can.
  for (const socket of sockets) socket.write(fragment.subarray(0, 10_000))
  for (const socket of sockets) socket.destroy()
  await Promise.all(answers)
  await serves(target)
  await until(async () => (await target.metrics('loadcell_memory_used_bytes'))['requests']! < 100_000)
}, 60_000)

test('an open stream is charged less than a request in progress', async () => {
  const target = await fencedTarget(fence)
  const asked = `GET /v1/streams/orders HTTP/1.1\r\nhost: t\r\nauthorization: Bearer ${await consumerToken(target)}\r\n\r\n`
  const sockets = await Promise.all(Array.from({ length: 200 }, () => opened(target.port)))
  for (const socket of sockets) socket.write(asked)
  await until(async () => (await target.metrics('loadcell_streams_open'))[''] === 200)
  const { requests, connections } = await target.metrics('loadcell_memory_used_bytes')
  expect((requests! + connections!) / 200).toBeLessThan(15_000)
  for (const socket of sockets) socket.destroy()
  await until(async () => (await target.metrics('loadcell_memory_used_bytes'))['requests'] === 0)
}, 60_000)

test('all charged memory is released again', async () => {
  const target = await fencedTarget(fence)
  const before = await settled(target)
  const post = (path: string, body: object) =>
    fetch(`${target.url}${path}`, {
      method: 'POST',
      headers: { ...json, 'idempotency-key': path },
      body: JSON.stringify(body),
    })
  for (let n = 0; n < 50; n += 1) {
    await target.publish({ n }, { 'x-tenant-id': `t${n % 5}`, 'idempotency-key': `k${n}`, 'x-loadcell-run': `r${n}` })
  }
  await (await post('/api/tasks', { title: 'one' })).arrayBuffer()
  await (await post('/api/orders', { items: [{ product_id: 1, quantity: 1 }] })).arrayBuffer()
  const headers = { authorization: `Bearer ${await consumerToken(target)}`, 'x-tenant-id': 't1' }
  const poll = await fetch(`${target.url}/v1/streams/orders/poll?from=earliest&consumer_group=g&timeout=0`, { headers })
  expect(poll.status).toBe(200)
  await poll.arrayBuffer()
  // A client that closes its socket on request, and a poll that is a member of a group during the reset.
  const socket = new WebSocket(`${target.url.replace('http', 'ws')}/ws/chat`, {
    headers: { authorization: 'Bearer demo-jwt-token-one' },
  })
  await once(socket, 'open')
  await fetch(`${target.url}/_loadcell/disconnect`, { method: 'POST' })
  await once(socket, 'close')
  const waiting = fetch(`${target.url}/v1/streams/orders/poll?consumer_group=g&timeout=20`, { headers })
  await until(async () => (await target.metrics('loadcell_polls_waiting'))['']! > 0)
  await fetch(`${target.url}/_loadcell/reset`, { method: 'POST' })
  await (await waiting).arrayBuffer()
  await expect.poll(() => settled(target), { timeout: 20_000 }).toEqual(before)
}, 60_000)

/** Returns the bytes in use, without those of connections and requests in progress. */
async function settled(target: FencedTarget): Promise<Record<string, number>> {
  await fetch(`${target.url}/_loadcell/reset`, { method: 'POST' })
  const { connections: _connections, tokens: _tokens, ...used } = await target.metrics('loadcell_memory_used_bytes')
  return Object.fromEntries(Object.entries(used).filter(([, bytes]) => bytes !== 0))
}

async function opened(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' })
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

async function answerOf(socket: Socket): Promise<string> {
  let answer = ''
  socket.on('data', chunk => (answer += chunk.toString()))
  await new Promise(resolve => socket.once('close', resolve))
  return answer
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await delay(20)
}

async function consumerToken({ url }: FencedTarget): Promise<string> {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: 'notification-dashboard',
    client_secret: 'consumer-secret',
  })
  const answer = await fetch(`${url}/oauth/token`, { method: 'POST', body })
  return ((await answer.json()) as { access_token: string }).access_token
}

/** Checks that the target serves normally once the memory is released. */
async function serves(target: FencedTarget): Promise<void> {
  await until(async () => {
    const answer = await fetch(`${target.url}/api/products?limit=1`)
    await answer.arrayBuffer()
    return answer.status === 200
  })
  expect(await target.publish({ after: 'all' })).toBe(202)
  expect(target.child.exitCode).toBeNull()
}
