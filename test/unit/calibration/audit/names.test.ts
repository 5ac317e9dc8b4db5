import { describe, expect, it } from 'vitest'
import { matchNames, type NameMap } from '../../../../calibration/audit/names.ts'
import type { ToolRow } from '../../../../calibration/audit/tool-report.ts'
import type { OperationName } from '../../../../contract/api/operations.ts'

function matched(row: Partial<ToolRow>, served: readonly OperationName[] = [], map?: NameMap) {
  const rows = [{ name: '', requests: 3, ...row }]
  return matchNames({ tool: 'any', sources: [], rows, total: rows[0]!, remarks: [] }, served, map)
}

/** Returns the operation that a name stands for. */
const operationOf = (...args: Parameters<typeof matched>) => matched(...args).operations[0]?.operation

describe('matchNames', () => {
  it.each<[string, OperationName]>([
    ['GET /api/v1/products/7', 'products.get'],
    ['GET http://127.0.0.1:8080/api/v1/products/7?fields=name#top', 'products.get'],
    ['/api/v1/products/{id} GET', 'products.get'],
    ['get /api/v1/products/:id', 'products.get'],
    ['GET /api/v1/products/[id]', 'products.get'],
    ['HEAD /api/v1/products', 'products.list'],
    ['POST /oauth/token', 'oauth.token'],
    ['GET /api/v1/nothing', 'unmatched'],
    ['DELETE /api/v1/products', 'unmatched'],
  ])('takes %s for %s', (name, operation) => {
    expect(operationOf({ name })).toBe(operation)
  })

  it('reads the method and the path where the tool keeps them apart', () => {
    expect(operationOf({ name: 'List products', method: 'GET', path: '/api/v1/products' })).toBe('products.list')
    expect(operationOf({ name: '/api/v1/products', method: 'get' })).toBe('products.list')
  })

  it('takes a path of one operation for it without a method', () => {
    expect(operationOf({ name: '/api/v1/products' })).toBe('products.list')
  })

  it('takes a path of several operations for the one that was requested', () => {
    expect(operationOf({ name: '/api/v1/tasks' }, ['tasks.create'])).toBe('tasks.create')
  })

  it('asks which of several requested operations a path stands for', () => {
    const [unmatched] = matched({ name: '/api/v1/tasks' }, ['tasks.create', 'tasks.list']).unmatched
    expect(unmatched).toMatchObject({
      name: '/api/v1/tasks',
      requests: 3,
      reason: expect.stringMatching(/tasks\.list/),
    })
    expect(unmatched?.reason).toMatch(/tasks\.create.*--name/)
  })

  it('asks for the operation of a name without a path', () => {
    expect(matched({ name: 'Check out' }).unmatched).toEqual([
      { name: 'Check out', requests: 3, reason: expect.stringMatching(/neither a path nor a URL.*--name/) },
    ])
  })

  it('believes the user before anything else', () => {
    const map: NameMap = new Map([['GET /api/v1/products', 'orders.create']])
    expect(operationOf({ name: 'GET /api/v1/products' }, [], map)).toBe('orders.create')
  })

  it('sets paths apart that the ledger does not count', () => {
    expect(matched({ name: 'GET /metrics' }).uncounted).toMatchObject([{ name: 'GET /metrics' }])
    expect(matched({ name: 'http://127.0.0.1:8080' }).uncounted).toHaveLength(1)
  })

  it('puts the names of one operation together, in the order of the tool', () => {
    const rows = ['GET /api/v1/products/1', 'GET /api/v1/products', 'GET /api/v1/products/2'].map(name => ({
      name,
      requests: 1,
    }))
    const { operations } = matchNames({ tool: 'any', sources: [], rows, total: rows[0]!, remarks: [] }, [])
    expect(operations.map(({ operation, rows }) => [operation, rows.length])).toEqual([
      ['products.get', 2],
      ['products.list', 1],
    ])
  })
})
