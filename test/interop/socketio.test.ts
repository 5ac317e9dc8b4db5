import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { testTarget } from '../e2e/target/support.ts'
import { pythonWith } from './python.ts'

const python = pythonWith('socketio, requests, websocket', 'python-socketio[client]')
const script = resolve(import.meta.dirname, 'foreign/socketio_client.py')

interface Seen {
  transport: string
  started: string
  published: number[]
  read: number[]
  sent: number[]
  said: number[]
  places: boolean
  error: string
  refused: string
}

it.skipIf(python === undefined)(
  'python-socketio publishes, follows, talks and is refused over polling, an upgrade and WebSocket',
  async () => {
    const target = await testTarget({ 'socketio.enabled': 'true', 'streams.partitions': '1' })
    const tokens = [await target.token('consumer'), await target.token(), 'demo-jwt-token-ann']
    const { stdout } = await promisify(execFile)(python!, [script, target.url, ...tokens], {
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
    })
    const seen = JSON.parse(stdout) as Seen[]
    expect(seen.map(({ transport }) => transport)).toEqual(['polling', 'websocket', 'websocket'])
    for (const { started, published, read, sent, said, places, error, refused } of seen) {
      expect({ started, places, error, refused }).toEqual({
        started: 'subscribed',
        places: true,
        error: 'unknown_action',
        refused: 'invalid_token',
      })
      expect(read).toEqual(published)
      expect(said).toEqual(sent)
    }
    const { sockets, events } = await target.settledLedger()
    expect(events.accepted).toBe(30)
    expect(sockets.endpoints).toMatchObject([{ operation: 'socketio.connect', opened: 15, delivered: 60 }])
  },
)
