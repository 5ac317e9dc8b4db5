import { describe, expect, it } from 'vitest'
import { loadcell, readResult, scratchFolder, writeScenario } from './loadcell.ts'

describe('GraphQL from the command line', () => {
  it('shows errors of a 200 as failures, under the name of their operation, and both ends agree', async () => {
    const scenario = writeScenario(`
      import { scenario, user } from 'loadcell'
      export default scenario({
        load: { executor: 'per-vu-iterations', vus: 2, iterations: 3 },
        warmup: '0',
        target: { 'graphql.enabled': true },
        users: [user('shopper', {
          async iterate({ graphql }) {
            await graphql.query('query Good { product(id: 1) { name } }')
            await graphql.query('mutation Gone { createOrder(input: { product_id: 999999 }) { id } }')
          },
        })],
        thresholds: { 'http_req_failed{name:Gone}': ['rate==1'], 'http_req_failed{name:Good}': ['rate==0'] },
      })`)
    const out = scratchFolder()
    const { code, output } = await loadcell(['run', scenario, '--out', out])
    expect(code, output).toBe(0)
    expect(output).toMatch(/6 × the result of GraphQL has errors, 200 · .* · Gone\s+unknown_product at createOrder/)
    expect(readResult(out).reconciliation.state).toBe('agrees')
  })
})
