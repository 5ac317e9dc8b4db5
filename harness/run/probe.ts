import type { DeclaredHost } from '../client/address/hosts.ts'
import { concealUrl } from '../client/address/url-credentials.ts'
import { type FailureReason, failureReasons } from '../metrics/catalog.ts'
import type { RunOutcome } from '../results/run-result.ts'
import type { HarnessClient } from '../client/client.ts'
import type { Execution } from '../load/execution.ts'
import type { Failure } from '../metrics/recorder.ts'
import { SnapshotRecorder } from '../metrics/snapshot-recorder.ts'
import { machineExhausted } from '../results/circumstances.ts'
import { sendingOptions } from './client-options.ts'
import { loneSession } from './lone-session.ts'
import { tellingLongWait } from './long-wait.ts'
import type { StageOptions } from './stage.ts'

/** The parts of a rig that a probe needs. */
interface Prober {
  client: Pick<HarnessClient, 'headOf'>
  recorder: SnapshotRecorder
  execution: Pick<Execution, 'clock' | 'stopping'>
}

export interface ProbeOptions
  extends Pick<
    StageOptions,
    'clock' | 'runId' | 'plan' | 'targetUrl' | 'identify' | 'version' | 'createClient' | 'conceal'
  > {
  stopping: AbortSignal
  /** Called when no answer has come for a moment. */
  onLongWait?: () => void
}

/** Any response is enough, because other targets need not serve this path. */
const PROBE_PATH = '/healthz'
const PROBE_TIMEOUT_MS = 10_000
/** One broken connection does not mean a dead target. */
const ATTEMPTS = 3
const PAUSE_MS = 300

/** Why a server cannot be reached. */
export interface Unreachable extends Failure {
  /** The server, where it is not the target. */
  place?: string
}

/** Returns why the target, or another server, cannot be reached; undefined when all answer. */
export async function probeServers(
  options: ProbeOptions,
  hosts: readonly DeclaredHost[],
): Promise<Unreachable | undefined> {
  const { clock, plan, conceal, createClient, stopping, onLongWait, ...others } = options
  const recorder = new SnapshotRecorder(clock, clock.now(), undefined, [], conceal)
  const client = createClient({ ...others, ...sendingOptions(plan), clock })
  const prober = { client, recorder, execution: { clock, stopping } }
  const probing = async () => (await probeTarget(prober)) ?? (await probeHosts(prober, hosts))
  const unreachable = await tellingLongWait(probing(), clock, () => onLongWait?.())
  await client.close(stopping)
  return unreachable
}

/** Returns why one of the other servers of a scenario cannot be reached; undefined when all answer. */
export async function probeHosts(rig: Prober, hosts: readonly DeclaredHost[]): Promise<Unreachable | undefined> {
  for (const { name, url } of hosts) {
    const unreachable = await probeTarget(rig, `${name}:${PROBE_PATH}`)
    // A server of gRPC answers without TLS, too, but not in HTTP/1.1.
    if (unreachable?.reason === 'protocol') continue
    if (unreachable !== undefined) return { ...unreachable, place: `The host ${name} (${concealUrl(url)})` }
  }
  return undefined
}

/** Returns why the target cannot be reached; undefined when it answers, or when the run was stopped. */
export async function probeTarget(
  { client, recorder, execution }: Prober,
  path = PROBE_PATH,
): Promise<Unreachable | undefined> {
  const { clock, stopping } = execution
  const session = loneSession({ clock, recorder, name: 'probe', interrupted: stopping })
  let reason: FailureReason | undefined
  for (let attempt = 1; attempt <= ATTEMPTS && !execution.stopping.aborted; attempt++) {
    if (attempt > 1) await execution.clock.sleep(PAUSE_MS, execution.stopping)
    const { status, failure } = await client.headOf(session, path, {
      timeout: PROBE_TIMEOUT_MS,
      expect: () => true,
      redirect: 'manual',
    })
    if (status > 0) return undefined
    reason = failure ?? 'other'
  }
  if (execution.stopping.aborted || reason === undefined) return undefined
  return { reason, name: path, example: recorder.snapshot.errors.rows()[0]?.example ?? '' }
}

/** Returns the outcome of a run whose target was not reached. A machine that cannot connect says nothing about the target. */
export function unreachableOutcome(targetUrl: string, { reason, example }: Failure): RunOutcome {
  if (reason === 'exhausted') return machineExhausted(`No connection to ${targetUrl} could be made`, example)
  const isCut = reason === 'closed' || reason === 'reset'
  const hint = isCut && targetUrl.startsWith('http:') ? ' If it speaks TLS, give its URL with https.' : ''
  return {
    state: 'target_unreachable',
    detail: `${targetUrl} cannot be reached: ${failureReasons[reason]} (${example}).${hint}`,
  }
}
