import { Type } from 'typebox'
import { closed, distribution } from './value.ts'

export const ReportsConfiguration = Type.Object(
  {
    workers: Type.Integer({ minimum: 1, maximum: 1000, default: 8, description: 'Reports that are made at once.' }),
    duration: distribution({ type: 'uniform', min: '500ms', max: '3s' }, 'Time a worker takes for a report.'),
    failureRate: Type.Number({ minimum: 0, maximum: 1, default: 0, description: 'Share of reports that fail.' }),
    queue: Type.Integer({
      minimum: 0,
      maximum: 1_000_000,
      default: 1000,
      description: 'Reports that may wait for a worker; one more is refused with queue_full.',
    }),
    kept: Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      default: 10_000,
      description: 'Finished reports kept; past it the oldest are forgotten.',
    }),
  },
  closed,
)
