import type { Configuration } from '../../../../../target/configuration/configuration.ts'
import type { Clock } from '../../../../../core/clock.ts'
import { random } from '../../../../../core/random.ts'
import { loadConfiguration } from '../../../../../target/configuration/load.ts'
import { LiveSettings } from '../../../../../target/configuration/settings.ts'
import type { Dataset, Datasets } from '../../../../../target/domain/reports/datasets.ts'
import { clientOwner } from '../../../../../target/exchange/owner.ts'
import { Reports } from '../../../../../target/domain/reports/reports.ts'
import { Lifecycle } from '../../../../../target/lifecycle/lifecycle.ts'
import { plenty } from '../../../../support/memory.ts'

type ReportSettings = Configuration['reports']

export const owner = clientOwner('public', 'me')

/** Reports about next to nothing. */
export function reportsWith(
  clock: Clock,
  initial: Partial<ReportSettings>,
  datasets: Partial<Datasets> = {},
  seed = 1,
) {
  const settings = new LiveSettings(loadConfiguration({ env: {}, flags: {} }))
  const change = (reports: Partial<ReportSettings>) =>
    settings.change({ ...settings.current, reports: { ...settings.current.reports, ...reports } })
  change(initial)
  const memory = plenty()
  const reports = new Reports({
    settings,
    memory,
    lifecycle: new Lifecycle(),
    clock,
    random: random(seed),
    datasets: { products: tiny, categories: tiny, orders: tiny, ...datasets },
  })
  return { reports, change, memory }
}

export const tiny: Dataset<{ id: number }> = {
  columns: ['id'],
  isPerTenant: false,
  records: () => [{ id: 1 }, { id: 2 }],
  rows: ({ id }) => [[id]],
}
