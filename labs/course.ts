import type { Lab } from './lab.ts'
import { backpressure } from './lessons/backpressure.ts'
import { blind } from './lessons/blind.ts'
import { caches } from './lessons/caches.ts'
import { foreignReport } from './lessons/foreign-report.ts'
import { generator } from './lessons/generator.ts'
import { herd } from './lessons/herd.ts'
import { hotPartition } from './lessons/hot-partition.ts'
import { idempotency } from './lessons/idempotency.ts'
import { knee } from './lessons/knee.ts'
import { little } from './lessons/little.ts'
import { models } from './lessons/models.ts'
import { omission } from './lessons/omission.ts'
import { percentiles } from './lessons/percentiles.ts'
import { rateLimits } from './lessons/rate-limits.ts'
import { retries } from './lessons/retries.ts'
import { samples } from './lessons/samples.ts'
import { servers } from './lessons/servers.ts'
import { tokens } from './lessons/tokens.ts'
import { variability } from './lessons/variability.ts'
import { warmup } from './lessons/warmup.ts'

/** All labs, in the order in which a course takes them. */
export const labs: readonly Lab[] = [
  percentiles,
  little,
  knee,
  servers,
  variability,
  models,
  omission,
  warmup,
  samples,
  retries,
  herd,
  backpressure,
  hotPartition,
  idempotency,
  rateLimits,
  caches,
  tokens,
  generator,
  blind,
  foreignReport,
]
