import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { testTarget, type TestTarget } from '../e2e/target/support.ts'
import { pythonWith } from './python.ts'
import { hasTool, toolPath } from './tools/programs.ts'

const python = pythonWith('grpc_reflection.v1alpha.proto_reflection_descriptor_database', 'grpcio-reflection')
const script = resolve(import.meta.dirname, 'foreign/grpc_client.py')
const on = { 'grpc.enabled': 'true', 'streams.partitions': '1' }
const execute = promisify(execFile)

const hostOf = ({ url }: TestTarget) => url.replace('http://', '')
const order = (id: string) => JSON.stringify({ event_type: 'order.created', event_id: id, data_json: '{"total":1}' })

it.skipIf(!hasTool('grpcurl'))(
  'grpcurl finds the services, calls them, and reads the details of a refusal',
  async () => {
    const target = await testTarget(on)
    const host = hostOf(target)
    const grpcurl = (...args: string[]) => execute(toolPath('grpcurl'), ['-plaintext', ...args])
    expect((await grpcurl(host, 'list')).stdout.split('\n')).toContain('loadcell.v1.Events')
    const token = `authorization: Bearer ${await target.token()}`
    const { stdout } = await grpcurl('-H', token, '-d', order('curl'), host, 'loadcell.v1.Events/Publish')
    expect(JSON.parse(stdout)).toMatchObject({ event_id: 'curl', stream: 'orders' })
    const refused = await grpcurl('-d', '{}', host, 'loadcell.v1.Events/Publish').catch(
      (error: { stderr: string }) => error,
    )
    expect(refused.stderr).toMatch(/Code: Unauthenticated[^]*"reason": "invalid_token"/)
    const health = await grpcurl(host, 'grpc.health.v1.Health/Check')
    expect(JSON.parse(health.stdout)).toEqual({ status: 'SERVING' })
    const { events } = await target.settledLedger()
    expect(events).toMatchObject({ received: 1, accepted: 1 })
  },
)

it.skipIf(!hasTool('ghz'))('the ledger has every call that ghz made', async () => {
  const target = await testTarget(on)
  const args = ['--insecure', '--call', 'loadcell.v1.Events/Publish', '-n', '300', '-c', '5', '--format', 'json']
  const event = '{"event_type":"order.created","event_id":"{{.UUID}}","data_json":"{}"}'
  const metadata = JSON.stringify({ authorization: `Bearer ${await target.token()}` })
  const { stdout } = await execute(toolPath('ghz'), [...args, '-d', event, '-m', metadata, hostOf(target)])
  const { count, statusCodeDistribution } = JSON.parse(stdout) as { count: number; statusCodeDistribution: object }
  expect({ count, statusCodeDistribution }).toEqual({ count: 300, statusCodeDistribution: { OK: 300 } })
  const { operations, events, grpc } = await target.settledLedger()
  expect(operations.find(({ operation }) => operation === 'grpc.publish')).toMatchObject({
    arrivals: 300,
    statuses: { 200: 300 },
  })
  expect(events.accepted).toBe(300)
  expect(grpc).toEqual([{ operation: 'grpc.publish', statuses: { OK: 300 } }])
})

interface Seen {
  published: object[]
  followed: object[]
  summary: object
  heard: object[]
  late: string
  refused: { code: string; reason: string }
}

it.skipIf(python === undefined)('grpcio of Python calls all four kinds of methods by reflection', async () => {
  const target = await testTarget(on)
  const args = [script, hostOf(target), await target.token('consumer'), await target.token(), 'demo-jwt-token-ann']
  const { stdout } = await execute(python!, args, { env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' } })
  const { published, followed, summary, heard, late, refused } = JSON.parse(stdout) as Seen
  expect(followed).toEqual(published)
  expect(summary).toEqual({ accepted: 3, duplicate: 1, rejected: 1 })
  expect(heard).toEqual([{ accepted: 1 }, { message: 1, text: 'hello' }])
  expect(late).toBe('DEADLINE_EXCEEDED')
  expect(refused).toEqual({ code: 'INVALID_ARGUMENT', reason: 'malformed_json' })
  const { events } = await target.settledLedger()
  expect(events).toMatchObject({ received: 11, accepted: 8, duplicate: 1, rejected: 2 })
})
