import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { scenario, user } from '../../../harness/scenario.ts'
import { bothEnds } from './both-ends.ts'

const OPEN = '0{"sid":"s","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}'

async function serving(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', () => resolve()))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Answers the first poll with the opening packet, and others so. */
const opened = (body: string) => (response: ServerResponse, isFirst: boolean) => response.end(isFirst ? OPEN : body)

test.each<[string, (response: ServerResponse, isFirst: boolean) => void, RegExp]>([
  ['an opening packet that is no JSON', response => response.end('0garbage'), /status 200: 0garbage/],
  ['an opening packet of null', response => response.end('0null'), /status 200: 0null/],
  ['an opening packet without an id', response => response.end('0{}'), /status 200: 0\{\}/],
  ['another packet', response => response.end('2'), /status 200: 2/],
  ['nothing in the body', response => response.end(), /status 200/],
  ['a refusal', response => response.writeHead(503).end('no room'), /status 503: no room/],
  ['packets that are no JSON', opened('42['), /the connection broke/],
  ['a refusal that is no object', opened('44/chat,[1]'), /undefined/],
])(
  'a server of Socket.IO that answers polls with %s fails the open, and nothing else',
  async (_what, answer, error) => {
    const url = await serving((request, response) => {
      request.resume()
      answer(response, !request.url!.includes('sid='))
    })
    const seen: string[] = []
    const { result } = await bothEnds(
      {},
      scenario({
        load: { executor: 'per-vu-iterations', vus: 1, iterations: 1 },
        hosts: { other: url },
        users: [
          user('one', {
            async iterate({ socketio }) {
              const opening = socketio.open(`${url}/chat`, { transport: 'polling', timeout: '1s', reconnect: false })
              seen.push(await opening.then(() => 'opened', String))
            },
          }),
        ],
      }),
    )
    expect(seen).toEqual([expect.stringMatching(error)])
    expect(result.errors.map(({ reason }) => reason)).not.toContain('exception')
  },
)
