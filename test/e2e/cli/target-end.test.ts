import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { loadcell, startLoadcell } from './loadcell.ts'

describe('loadcell target', () => {
  it.each([
    ['SIGINT', 1],
    ['SIGTERM', 1],
    ['SIGHUP', 1],
    ['SIGINT', 2],
  ] as const)('ends while a request is under way, on %s × %i', async (signal, times) => {
    // With such a long drain timeout, only the second interrupt ends the target.
    const drain = times === 1 ? '1s' : '1h'
    const target = startLoadcell(['target', '--port', '0', '--set', `http.drainTimeout=${drain}`])
    await target.said(/listening on http\S+/)
    const { hostname, port } = new URL(/listening on (http\S+)/.exec(target.output())![1]!)
    const socket = connect(Number(port), hostname)
    socket.on('error', () => {})
    socket.write('POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n')
    // The target has begun to read the request.
    await once(socket, 'data')
    for (let time = 1; time <= times; time++) {
      target.child.kill(signal)
      // Pending signals of the same kind are merged into one.
      if (time < times) await target.said(/stopping/i)
    }
    expect((await target.finished).code).toBe(0)
    socket.destroy()
  })

  it('says what a gateway lacks, and ends, also as the target of a run', async () => {
    const wrong = ['grpc.enabled=true', 'http2.enabled=false']
    const [target, run] = await Promise.all([
      loadcell(['target', '--port', '0', ...wrong.flatMap(setting => ['--set', setting])]),
      loadcell(['run', 'browse', ...wrong.flatMap(setting => ['--target-set', setting])]),
    ])
    expect(target).toEqual({
      code: 104,
      output: 'loadcell: grpc.enabled needs HTTP/2: set http2.enabled to true\n',
    })
    expect(run.output).toContain('grpc.enabled needs HTTP/2: set http2.enabled to true')
    expect(run.code).toBe(104)
  })
})
