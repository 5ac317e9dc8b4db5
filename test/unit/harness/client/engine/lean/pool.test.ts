import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../../../../../core/clock.ts'
import { Connector } from '../../../../../../harness/client/engine/connector.ts'
import type { ConnectionPool, EngineRequest } from '../../../../../../harness/client/engine/engine.ts'
import type { ExchangeFailure } from '../../../../../../harness/client/engine/failure.ts'
import { LeanEngine } from '../../../../../../harness/client/engine/lean/engine.ts'
import { OK, rawServer } from '../../../../../support/raw-server.ts'

function poolTo(url: string): ConnectionPool {
  const pool = new LeanEngine({ clock: systemClock, connector: new Connector({ clock: systemClock }) }).pool(url)
  onTestFinished(() => pool.destroy())
  return pool
}

/** Sends a request, and resolves with its status or its failure. */
function send(pool: ConnectionPool, request: Partial<EngineRequest> = {}): Promise<number | ExchangeFailure> {
  return new Promise(resolve => {
    let answered = 0
    pool.send(
      { method: 'GET', path: '/', headers: {}, body: null, ...request },
      {
        onSend() {},
        onHead: status => (answered = status),
        onData() {},
        onEnd: () => resolve(answered),
        onFailure: resolve,
      },
    )
  })
}

function settle(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, 50))
}

test('a pool uses the connection that was used last, so that the others can close', async () => {
  const { url, seen } = await rawServer(({ socket, line }) => line.includes('/hold') || socket.write(OK))
  const pool = poolTo(url)
  const held = [send(pool, { path: '/hold/1' }), send(pool, { path: '/hold/2' }), send(pool, { path: '/hold/3' })]
  await expect.poll(() => seen.length).toBe(3)
  for (const path of ['/hold/2', '/hold/3', '/hold/1']) {
    seen.find(({ line }) => line.includes(path))!.socket.write(OK)
    await settle()
  }
  await Promise.all(held)
  const last = seen.find(({ line }) => line.includes('/hold/1'))!.connection
  for (let request = 0; request < 3; request += 1) {
    await send(pool)
    await settle()
  }
  expect(seen.slice(3).map(({ connection }) => connection)).toEqual([last, last, last])
  expect(pool.connections).toBe(3)
})

test('a request that comes right after a response waits for its connection, and opens no other', async () => {
  const { url, seen } = await rawServer(({ socket }) => socket.write(OK))
  const pool = poolTo(url)
  for (let request = 0; request < 10; request += 1) expect(await send(pool)).toBe(200)
  expect(new Set(seen.map(({ connection }) => connection))).toEqual(new Set([1]))
})

test('a connection that receives what nobody asked for is closed at once', async () => {
  const { url } = await rawServer(({ socket }) => socket.write(`${OK}HTTP/1.1 200 OK\r\n`))
  const pool = poolTo(url)
  expect(await send(pool)).toBe(200)
  expect(pool.connections).toBe(0)
})

test('a connection whose response came before the whole request was sent is closed', async () => {
  const server = createServer(socket => {
    socket.on('error', () => {})
    socket.pause()
    socket.write('HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const pool = poolTo(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  expect(await send(pool, { method: 'PUT', body: Buffer.alloc(32 * 1024 * 1024) })).toBe(413)
  expect(pool.connections).toBe(0)
})

test('a malformed response names what was expected and what came', async () => {
  const { url } = await rawServer(({ socket }) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0x10\r\n\r\n'))
  expect(await send(poolTo(url))).toEqual({
    reason: 'protocol',
    example: 'expected digits as the Content-Length, got "0x10"',
  })
})

test('a closed pool accepts no request', async () => {
  const { url, seen } = await rawServer(({ socket }) => socket.write(OK))
  const pool = poolTo(url)
  await send(pool)
  await pool.close()
  expect(await send(pool)).toMatchObject({ reason: 'interrupted' })
  expect(seen).toHaveLength(1)
  expect(pool.connections).toBe(0)
})
