import { systemClock } from '../../../core/clock.ts'
import { ChildProcessLink, channelToParent } from '../../../harness/bus/child-process-link.ts'
import { workerCodec } from '../../../harness/coordination/message-codecs.ts'
import type { ToCoordinator, ToWorker } from '../../../harness/coordination/messages.ts'
import { dataFiles } from '../../../harness/feeders/data-files.ts'
import { exitCodes } from '../../../harness/results/exit-codes.ts'
import { ProcessGuard } from '../../../harness/run/process-guard.ts'
import { work } from '../../../harness/run/worker.ts'
import { Interrupts } from '../../process/interrupts.ts'
import { tellStrays } from '../../process/strays.ts'
import { version } from '../../process/version.ts'
import { planOfJob, type WorkerJob } from './worker-job.ts'

// Ctrl-C reaches every process of a terminal, but only the coordinator decides what it means.
new Interrupts().takeOver(() => {})
const guard = new ProcessGuard(exitCodes.badInput)
const link = new ChildProcessLink<ToCoordinator, ToWorker>(channelToParent(process), workerCodec)
const gone = new AbortController()
void link.ended.then(({ detail }) => gone.abort(new Error(detail)))
const stops = { graceful: gone.signal, atOnce: gone.signal }
try {
  await work(link, {
    clock: systemClock,
    version: version(),
    uncaught: guard.uncaught,
    exited: guard.exited,
    place: process.argv[2],
    planOf: job => planOfJob(job as WorkerJob, { guard, stops }),
  })
  tellStrays(guard)
  dataFiles.discard()
  guard.leave(exitCodes.ok)
} catch (error) {
  process.stderr.write(`loadcell: a worker ended with a defect: ${(error as Error).stack}\n`)
  guard.leave(exitCodes.internal)
}
