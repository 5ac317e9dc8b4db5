import { randomUUID } from 'node:crypto'
import { availableParallelism, hostname } from 'node:os'
import { systemClock } from '../../../core/clock.ts'
import { formatDuration } from '../../../core/duration.ts'
import { ClusterUnreachable } from '../../../harness/bus/message-bus.ts'
import { removeStaleBundles } from '../../../harness/bundle/bundle-folder.ts'
import { hostRun } from '../../../harness/cluster/hosted-run.ts'
import { WaitingWorker } from '../../../harness/cluster/waiting-worker.ts'
import { plain } from '../../../harness/report/terminal.ts'
import { exitCodes } from '../../../harness/results/exit-codes.ts'
import { InputError } from '../../process/input-error.ts'
import { DEFAULT_CLUSTER } from '../../options/cluster-options.ts'
import type { Interrupts } from '../../process/interrupts.ts'
import { asInputError, type ConnectedCluster, connectCluster } from './connected-cluster.ts'
import { startShare } from './share-process.ts'
import type { WorkerFlags } from './worker-command.ts'

/** A worker may start before its NATS server. */
const CONNECT_EVERY_MS = 2000

/** Waits for runs, hosts a share of each, and then ends the process. @throws InputError when the cluster cannot be used */
export async function serveCluster(flags: WorkerFlags, version: string, interrupts: Interrupts): Promise<void> {
  const stop = new AbortController()
  interrupts.takeOver(() => {
    if (stop.signal.aborted) process.exit(exitCodes.interrupted)
    stop.abort()
  })
  removeStaleBundles()
  const cluster = await connectPatiently(flags, stop.signal)
  if (cluster === undefined) return
  const { name, place } = flags
  const { bus, subjects } = cluster
  const about = {
    worker: randomUUID(),
    name,
    version,
    host: hostname(),
    cores: availableParallelism(),
    ...(place !== undefined && { place }),
  }
  const waiting = new WaitingWorker({ bus, subjects, clock: systemClock, about })
  try {
    process.exitCode = await serve(waiting, { flags, cluster, stop: stop.signal })
  } finally {
    waiting.close()
    await cluster.close()
  }
}

interface WorkerService {
  flags: WorkerFlags
  cluster: ConnectedCluster
  stop: AbortSignal
}

/** @returns the exit code */
async function serve(waiting: WaitingWorker, { flags, cluster, stop }: WorkerService): Promise<number> {
  const { bus, store, subjects } = cluster
  const interrupted = new Promise<undefined>(resolve => stop.addEventListener('abort', () => resolve(undefined)))
  for (;;) {
    tell(`${flags.name} waits for a run at ${bus.place} (${subjects.prefix})`)
    const accepted = await Promise.race([waiting.next(), interrupted])
    if (accepted === undefined) return exitCodes.ok
    const { runId } = accepted.offer
    tell(`${flags.name} takes part in ${runId}`)
    const startedAt = systemClock.now()
    const end = await hostRun(accepted, {
      clock: systemClock,
      store,
      packages: process.cwd(),
      start: bundle => startShare(bundle, flags.place),
      stop,
    })
    const lasted = formatDuration(systemClock.now() - startedAt)
    tell(end.state === 'closed' ? `${runId} ended after ${lasted}` : `${runId} ended after ${lasted}: ${end.detail}`)
    if (stop.aborted) return exitCodes.interrupted
    if (flags.once) return end.state === 'closed' ? exitCodes.ok : exitCodes.invalidRun
    waiting.release()
  }
}

/** Connects to the cluster, again and again while its server cannot be reached. @returns undefined when it was interrupted */
async function connectPatiently(flags: WorkerFlags, stop: AbortSignal): Promise<ConnectedCluster | undefined> {
  const { cluster, clusterName = DEFAULT_CLUSTER, name } = flags
  if (cluster === undefined) {
    throw new InputError(
      'loadcell worker needs the cluster that it works for',
      'Give the URL of a NATS server, such as --cluster nats://10.0.0.5:4222.',
    )
  }
  let told = ''
  while (!stop.aborted) {
    try {
      const options = { clusterName, name: `loadcell worker ${name}`, env: process.env, tell }
      return await connectCluster({ ...flags, cluster }, options)
    } catch (error) {
      if (!(error instanceof ClusterUnreachable)) throw asInputError(error)
      if (told !== error.message) tell(`${error.message}; trying again`)
      told = error.message
    }
    await systemClock.sleep(CONNECT_EVERY_MS, stop)
  }
  return undefined
}

function tell(note: string): void {
  process.stderr.write(`${plain(note)}\n`)
}
