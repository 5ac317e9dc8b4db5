import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { testTarget } from '../e2e/target/support.ts'
import { pythonWith } from './python.ts'

const python = pythonWith('stomp.adapter.ws', 'stomp-py')
const script = resolve(import.meta.dirname, 'foreign/stomp_client.py')

interface Seen {
  sent: object[]
  read: object[]
  room: string[][]
  errors: string[]
}

it.skipIf(python === undefined)(
  'stomp.py of Python sends, acknowledges, refuses, commits and is refused over its WebSocket transport',
  async () => {
    const target = await testTarget({ 'stomp.enabled': 'true', 'streams.partitions': '1' })
    const { hostname, port } = new URL(target.url)
    const tokens = [await target.token('consumer'), await target.token(), 'demo-jwt-token-ann']
    const { stdout } = await promisify(execFile)(python!, [script, hostname, port, ...tokens], {
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
    })
    const { sent, read, room, errors } = JSON.parse(stdout) as Seen
    expect(read).toEqual(sent)
    // A NACK of an acknowledging client is about all messages so far.
    expect(room).toEqual([
      ['1', 'false'],
      ['2', 'false'],
      ['1', 'true'],
      ['2', 'true'],
    ])
    expect(errors).toEqual(['invalid_request'])
    const { sockets, events } = await target.settledLedger()
    expect(events.accepted).toBe(20)
    expect(sockets.endpoints).toMatchObject([
      { operation: 'stomp.connect', opened: 3, delivered: 24, refusals: { invalid_request: 1 } },
    ])
  },
)
