import { describe, expect, it } from 'vitest'
import type { LedgerReport } from '../../../contract/ledger.ts'
import { freePort } from '../../support/free-port.ts'
import { testTarget } from '../target/support.ts'
import { loadcell } from './warm-loadcell.ts'

describe('loadcell ledger', () => {
  it('prints the ledger of a run as tables with percentiles', async () => {
    const target = await testTarget()
    for (let index = 0; index < 3; index++) await fetch(`${target.url}/products/1`)
    await fetch(`${target.url}/nowhere`)
    await target.settledLedger()
    const { code, output } = await loadcell(['ledger', '--url', target.url])
    expect({ code, output }).toEqual({ code: 0, output: expect.stringMatching(/^Run default\n\nRequests\n/) as string })
    expect(output).toMatch(/^operation +arrivals +answers +aborted +cut +p50 +p95 +p99 +max +bytes in +bytes out$/m)
    expect(output).toMatch(/^products\.get +3 +200 × 3 +0 +0( +[<\d.]+ ms){4} +0 +[\d,]+$/m)
    expect(output).toMatch(/^GET \/nowhere +1$/m)
  })

  it('prints a named run, also as JSON', async () => {
    const target = await testTarget()
    await fetch(`${target.url}/products/1`, { headers: { 'x-loadcell-run': 'nightly-7' } })
    await target.settledLedger('nightly-7')
    const ledger = (...args: string[]) => loadcell(['ledger', '--url', target.url, ...args])
    expect((await ledger('--run', 'nightly-7')).output).toMatch(/^Run nightly-7\n[\s\S]*products\.get/)
    const { run, operations } = JSON.parse((await ledger('--run', 'nightly-7', '--json')).output) as LedgerReport
    expect({ run, arrivals: operations.map(({ arrivals }) => arrivals) }).toEqual({ run: 'nightly-7', arrivals: [1] })
    expect(await ledger()).toEqual({ code: 0, output: 'No request of run default has come.\n' })
  })

  it('refuses what is no name of a run', async () => {
    expect(await loadcell(['ledger', '--run', ''])).toMatchObject({
      code: 104,
      output: expect.stringMatching(
        /'--run <run>' argument '' is invalid. expected a name: 1…256 characters/,
      ) as string,
    })
  })

  it('uses the token of the control plane', async () => {
    const target = await testTarget({ 'control.token': 'the-token' })
    const ledger = (token: string) => loadcell(['ledger', '--url', target.url, '--token', token])
    expect((await ledger('the-token')).code).toBe(0)
    expect((await ledger('another')).code).not.toBe(0)
  })

  it('says what is wrong with a run that is not known, and where there is no target', async () => {
    const target = await testTarget()
    const unknown = await loadcell(['ledger', '--url', target.url, '--run', 'unheard-of'])
    expect(unknown.output).toContain('no request of run "unheard-of" has come')
    const nobody = await loadcell(['ledger', '--url', `http://127.0.0.1:${await freePort()}`])
    expect(nobody.output).toMatch(/no target answers at/)
    expect({ unknown: unknown.code, nobody: nobody.code }).toEqual({ unknown: 104, nobody: 97 })
  })
})
