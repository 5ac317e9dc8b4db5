import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { testTarget } from '../e2e/target/support.ts'
import { pythonWith } from './python.ts'

const python = pythonWith('gql', 'gql')
const script = resolve(import.meta.dirname, 'foreign/graphql_client.py')

interface Seen {
  product: { product: { id: number } }
  error: string
  published: object[]
  followed: object[]
}

it.skipIf(python === undefined)(
  'gql of Python reads the schema, gets errors, and follows what it publishes',
  async () => {
    const target = await testTarget({ 'graphql.enabled': 'true' })
    const args = [script, target.url, await target.token('consumer'), await target.token()]
    const { stdout } = await promisify(execFile)(python!, args, {
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
    })
    const { product, error, published, followed } = JSON.parse(stdout) as Seen
    expect(product.product.id).toBe(7)
    expect(error).toBe('unknown_product')
    expect(followed).toEqual(published)
    const { sockets, events } = await target.settledLedger()
    expect(events.accepted).toBe(20)
    expect(sockets.endpoints).toMatchObject([{ operation: 'graphql.subscribe', delivered: 20, closed: { client: 1 } }])
  },
)
