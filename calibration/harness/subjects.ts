import { arrivals } from './arrivals/arrivals.ts'
import { counts } from './counts/counts.ts'
import { defects } from './defects/defects.ts'
import { delivery } from './delivery/delivery.ts'
import { latency } from './latency/latency.ts'
import { omission } from './omission/omission.ts'
import { queues } from './queues/queues.ts'
import { recovery } from './recovery/recovery.ts'
import type { Subject } from './subject.ts'

/** All subjects of a calibration of the harness, in the order in which they are checked. */
export const subjects: readonly Subject[] = [latency, counts, arrivals, omission, delivery, recovery, queues, defects]
