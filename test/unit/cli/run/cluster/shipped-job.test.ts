import { afterEach, describe, expect, it, vi } from 'vitest'
import { shippedJob } from '../../../../../cli/run/cluster/shipped-job.ts'
import type { RunFlags } from '../../../../../cli/run/plan/run-flags.ts'
import { environment } from '../../../../../harness/scenario/environment.ts'

afterEach(() => vi.unstubAllEnvs())

describe('a shipped job', () => {
  it('has no credentials and files of the cluster', () => {
    const flags = {
      cluster: 'nats://kim:secret@a',
      clusterCreds: 'secret',
      clusterNkey: 'secret',
      clusterCa: 'secret',
      clusterCert: 'secret',
      clusterKey: 'secret',
      vus: 7,
    } as Partial<RunFlags> as RunFlags
    const shipped = shippedJob({ scenario: 'shop.ts', flags })
    expect(JSON.stringify(shipped)).not.toContain('secret')
    expect(shipped).toMatchObject({ scenario: 'shop.ts', flags: { vus: 7 } })
    expect(flags.cluster).toBeDefined()
  })

  it('has the variables that a scenario may read, and no others', () => {
    vi.stubEnv('LOADCELL_VAR_region', 'us')
    vi.stubEnv('LOADCELL_CLUSTER_TOKEN', 'secret')
    vi.stubEnv('SHOP_TEST_KEY', 'abc')
    vi.stubEnv('SHOP_TEST_OTHER', 'def')
    environment('SHOP_TEST_KEY')
    const { environment: shipped } = shippedJob({ scenario: 'shop.ts', flags: {} as RunFlags })
    expect(shipped).toMatchObject({ LOADCELL_VAR_region: 'us', SHOP_TEST_KEY: 'abc' })
    expect(Object.keys(shipped!)).not.toContain('SHOP_TEST_OTHER')
    expect(Object.keys(shipped!)).not.toContain('LOADCELL_CLUSTER_TOKEN')
  })
})
