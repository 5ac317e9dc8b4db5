import type { Lab } from './lab.ts'
import { knee } from './lessons/knee.ts'
import { little } from './lessons/little.ts'
import { models } from './lessons/models.ts'
import { omission } from './lessons/omission.ts'
import { percentiles } from './lessons/percentiles.ts'
import { retries } from './lessons/retries.ts'
import { servers } from './lessons/servers.ts'
import { variability } from './lessons/variability.ts'
import { warmup } from './lessons/warmup.ts'

/** All labs, in the order in which a course takes them. */
export const labs: readonly Lab[] = [percentiles, little, knee, servers, variability, models, omission, warmup, retries]
