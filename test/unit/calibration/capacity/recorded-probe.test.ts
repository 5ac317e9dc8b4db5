import { expect, it } from 'vitest'
import { lightestRecorded } from '../../../../calibration/capacity/recorded-probe.ts'
import type { LedgerReport } from '../../../../contract/ledger.ts'
import { capacityProbe } from '../../../support/capacity-probe.ts'

const probes = [300, 100, 200].map(load => ({ ...capacityProbe({ load }), runId: `at ${load}` }))
const ledgerOf = (arrivals: number) => ({ operations: arrivals > 0 ? [{ arrivals }] : [] }) as unknown as LedgerReport

it('the evidence of a search is the lightest probe that the ledger has not forgotten', async () => {
  const recorded = await lightestRecorded(probes, async runId => ledgerOf(runId === 'at 100' ? 0 : 9))
  expect(recorded).toEqual({ probe: probes[2], ledger: ledgerOf(9) })
})

it('a search whose probes are all forgotten has no evidence', async () => {
  expect(await lightestRecorded(probes, async () => ledgerOf(0))).toBeUndefined()
})
