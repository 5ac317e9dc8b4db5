import { createServer } from 'node:http'
import type { Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { ControlPlane } from '../../../../harness/control/control-plane.ts'
import { listen } from '../client/support.ts'

/** A server that hangs up on the first requests, and knows the connections it was asked on. */
async function start(hangUps: number) {
  const methods: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((request, response) => {
    methods.push(request.method ?? '')
    sockets.add(request.socket)
    if (methods.length <= hangUps) request.socket.destroy()
    else response.end('{}')
  })
  return { control: new ControlPlane({ targetUrl: await listen(server) }), methods, sockets }
}

describe('the control plane', () => {
  it('is called on a new connection each time, because an idle one may be dead', async () => {
    const { control, sockets } = await start(0)
    for (let times = 0; times < 3; times++) {
      expect(await control.ask('POST', '/disconnect')).toEqual({ status: 200, text: '{}' })
    }
    expect(sockets.size).toBe(3)
  })

  it('is called again once if the request changes nothing', async () => {
    const { control, methods } = await start(1)
    expect(await control.ask('GET', '/ledger?run=r')).toEqual({ status: 200, text: '{}' })
    expect(methods).toEqual(['GET', 'GET'])
    const down = await start(3)
    await expect(down.control.ask('GET', '/ledger')).rejects.toThrow('the target’s control plane did not answer: ')
    expect(down.methods).toEqual(['GET', 'GET'])
  })

  it('is never sent a changing request twice', async () => {
    const { control, methods } = await start(1)
    await expect(control.ask('POST', '/disconnect')).rejects.toThrow('the target’s control plane did not answer: ')
    expect(methods).toEqual(['POST'])
  })
})

describe('an answer of the control plane', () => {
  it('without an end is rejected and not kept', async () => {
    const server = createServer((_request, response) => {
      const chunk = Buffer.alloc(64 * 1024)
      const more = () => {
        while (!response.destroyed) if (!response.write(chunk)) return void response.once('drain', more)
      }
      more()
    })
    const control = new ControlPlane({ targetUrl: await listen(server) })
    await expect(control.ask('POST', '/disconnect')).rejects.toThrow('expected a response of at most 33554432 bytes')
  })

  it('may begin with a byte order mark, be compressed, and follow an interim response', async () => {
    const server = createServer((_request, response) => {
      response.writeProcessing()
      response.socket?.write('HTTP/1.1 100 Continue\r\n\r\n')
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('\ufeff{"a":1}'))
    })
    const control = new ControlPlane({ targetUrl: await listen(server) })
    expect(await control.ask('GET', '/runs')).toEqual({ status: 200, text: '{"a":1}' })
  })
})
