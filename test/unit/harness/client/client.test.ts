import { createServer } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { systemClock } from '../../../../core/clock.ts'
import { createClient } from '../../../../harness/client/client.ts'
import { basic } from '../../../../harness/scenario/basic.ts'
import { createUser, listen, type TestUser } from './support.ts'

/** A server that answers requests, streams and WebSockets, and keeps their heads. */
async function startHost() {
  const heads: Record<string, unknown>[] = []
  const server = createServer((request, response) => {
    heads.push({ url: request.url, ...request.headers })
    response.setHeader('content-type', 'text/event-stream').end('data: 1\n\n')
  })
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', (socket, request) => {
    heads.push({ url: request.url, ...request.headers })
    socket.on('message', data => socket.send((data as Buffer).toString()))
  })
  onTestFinished(() => sockets.close())
  return { url: await listen(server), heads }
}

async function useAll({ http, sse, ws, auth }: TestUser): Promise<void> {
  auth.bearer('of-the-target')
  await http.get('api:/get')
  for await (const _event of sse.open('api:/stream', { reconnect: false }));
  const socket = await ws.open('api:/socket')
  expect(await socket.request({ type: 'echo' }, { type: 'echo' })).toEqual({ type: 'echo' })
  await socket.close()
}

test.each([
  [{ token: false, identify: false }, basic('key', 's3cret'), undefined],
  [{ token: true, identify: true }, 'Bearer of-the-target', 'run-1'],
])(
  'a host with %o receives requests, streams and WebSockets with its own credentials',
  async (options, authorization, run) => {
    const target = await startHost()
    const api = await startHost()
    const hosts = [{ name: 'api', url: `${api.url.replace('//', '//key:s3cret@')}/base`, ...options }]
    const client = createClient({ targetUrl: target.url, hosts, runId: 'run-1', clock: systemClock })
    onTestFinished(() => client.close())
    const user = createUser(client)
    await useAll(user)
    expect(target.heads).toEqual([])
    expect(api.heads.map(head => [head['url'], head['authorization'], head['x-loadcell-run']])).toEqual(
      ['/base/get', '/base/stream', '/base/socket'].map(path => [path, authorization, run]),
    )
    expect(api.heads.filter(head => head['x-loadcell-exchange'] !== undefined)).toHaveLength(run === undefined ? 0 : 3)
    const { requests } = user.recorder
    expect(requests.map(({ tags: { name, host, operation } }) => ({ name, host, operation }))).toEqual(
      ['api:/get', 'api:/stream', 'api:/socket'].map(name => ({ name, host: 'api', operation: undefined })),
    )
    expect(client.observations().consumers).toEqual([])
  },
)

test('a host that is not declared receives nothing', async () => {
  const target = await startHost()
  const client = createClient({ targetUrl: target.url, runId: 'run-1', clock: systemClock })
  onTestFinished(() => client.close())
  await expect(async () => createUser(client).http.get('api:/get')).rejects.toThrow(
    'load is sent only to servers that the scenario declares',
  )
  expect(target.heads).toEqual([])
})
