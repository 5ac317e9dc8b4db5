import { describe, expect, it } from 'vitest'
import { planFor, trusting } from '../../../../cli/target/embedded-trust.ts'
import { jobOf } from '../../../../cli/run/workers/worker-job.ts'

const PEM = '-----BEGIN CERTIFICATE-----'

describe('the certificate of the embedded target', () => {
  it('is trusted besides the authorities of the user', () => {
    expect(trusting({ tls: { ca: 'own' } }, PEM)).toEqual({ tls: { ca: 'own', embedded: PEM } })
  })

  it('changes nothing where the target has none', () => {
    const plan = { network: {} }
    expect(planFor(plan, undefined)).toBe(plan)
    expect(planFor(plan, {})).toBe(plan)
  })

  it('is sent to the workers of a run, and nothing else of the network is', () => {
    const plan = planFor({ seed: 1, network: { tls: { ca: 'own' } } }, { tls: { trusted: PEM, fingerprint: '' } })
    const flags = {} as Parameters<typeof jobOf>[1]
    expect(jobOf('browse', flags, plan)).toEqual({ scenario: 'browse', flags: { seed: 1 }, trusted: PEM })
    expect(jobOf('browse', flags, { seed: 1, network: {} })).not.toHaveProperty('trusted')
  })
})
