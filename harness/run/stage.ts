import type { Clock } from '../../core/clock.ts'
import { type Duration, formatDuration, parseDuration } from '../../core/duration.ts'
import type { ClientOptions, HarnessClient } from '../client/client.ts'
import type { Recorder } from '../metrics/recorder.ts'
import { SnapshotRecorder } from '../metrics/snapshot-recorder.ts'
import { TagSets } from '../metrics/tag-sets.ts'
import type { Plan } from '../plan/plan.ts'
import type { StageReport } from '../results/stage-report.ts'
import type { SetupContext } from '../scenario/setup.ts'
import { describeException } from '../user/exception.ts'
import { createFake } from '../user/fake.ts'
import { sendingOptions } from './client-options.ts'
import { loneSession } from './lone-session.ts'

/** A function of the scenario that runs once, and the time that it has. */
export interface PlannedStage {
  name: 'setup' | 'teardown'
  run: (context: SetupContext) => unknown
  timeoutMs: number
  /** Ends it early. */
  stop: AbortSignal
}

export interface StageOptions {
  clock: Clock
  runId: string
  plan: Pick<Plan, 'seed' | 'engine' | 'hosts' | 'http' | 'llm' | 'network' | 'vocabulary'>
  targetUrl: string
  /** Whether the target is told of the run. */
  identify?: boolean | undefined
  version: string
  createClient: (options: ClientOptions) => HarnessClient
  /** Removes secrets from a text. */
  conceal: (text: string) => string
  /** Returns the recorder that receives its measurements besides the given one; default: none. */
  watched?: (recorder: Recorder) => Recorder
}

/** Time in which the requests of an interrupted stage end. */
const SETTLES_WITHIN_MS = 1000

/** Runs a stage under a run id of its own, so that its requests belong to no run. Never rejects. */
export async function runStage(
  { name, run, timeoutMs, stop }: PlannedStage,
  options: StageOptions,
): Promise<{ report: StageReport; result: unknown }> {
  const { clock, plan, targetUrl, identify, version, createClient, conceal, watched = same } = options
  const startedAt = clock.now()
  const runId = `${options.runId}~${name}`
  const kept = new SnapshotRecorder(clock, startedAt, undefined, [], conceal)
  const { seed, vocabulary } = plan
  const tagSets = new TagSets(vocabulary.requestTags)
  const sending = { ...sendingOptions(plan), tagSets }
  const client = createClient({ targetUrl, identify, runId, version, clock, startedAt, ...sending })
  const interrupted = new AbortController()
  const session = loneSession({ clock, recorder: watched(kept), name, seed, interrupted: interrupted.signal })
  const context: SetupContext = {
    ...client.contextFor(session),
    fake: createFake(session, { runId, clock }),
    random: session.random,
    sleep: duration => pause(duration, clock, interrupted.signal),
  }
  const settled = settle(run, context)
  const ending = await endOf(settled, { clock, timeoutMs, stop })
  if ('stopped' in ending) {
    interrupted.abort()
    await Promise.race([settled, clock.sleep(SETTLES_WITHIN_MS)])
  }
  await session.holdings.releaseAll()
  await client.close(stop)
  const { snapshot } = kept
  return {
    report: {
      ...judged(name, ending, { timeoutMs, conceal }),
      durationMs: clock.now() - startedAt,
      requests: snapshot.total('http_reqs'),
      failedRequests: snapshot.hits('http_req_failed', {}),
      errors: snapshot.errors.rows(),
    },
    result: 'result' in ending ? ending.result : undefined,
  }
}

type StageEnding = { result: unknown } | { thrown: unknown } | { stopped: 'late' | 'interrupted' }

async function settle(run: PlannedStage['run'], context: SetupContext): Promise<StageEnding> {
  try {
    return { result: await run(context) }
  } catch (thrown) {
    return { thrown }
  }
}

/** Returns how the stage ended, or why nobody waits for it any more. */
async function endOf(
  settled: Promise<StageEnding>,
  { clock, timeoutMs, stop }: Pick<PlannedStage, 'timeoutMs' | 'stop'> & { clock: Clock },
): Promise<StageEnding> {
  const over = new AbortController()
  const limit = clock
    .sleep(timeoutMs, AbortSignal.any([stop, over.signal]))
    .then((): StageEnding => ({ stopped: stop.aborted ? 'interrupted' : 'late' }))
  const ending = await Promise.race([settled, limit])
  over.abort()
  return ending
}

function judged(
  name: PlannedStage['name'],
  ending: StageEnding,
  { timeoutMs, conceal }: Pick<PlannedStage, 'timeoutMs'> & Pick<StageOptions, 'conceal'>,
): Pick<StageReport, 'state' | 'detail'> {
  if ('result' in ending) return { state: 'completed', detail: '' }
  if ('thrown' in ending) {
    const what = describeException(ending.thrown)
    return { state: 'failed', detail: conceal(`The ${name} ${what.startsWith('threw') ? what : `threw ${what}`}.`) }
  }
  if (ending.stopped === 'interrupted') return { state: 'interrupted', detail: `The ${name} was interrupted.` }
  return {
    state: 'failed',
    detail: `The ${name} did not end within ${formatDuration(timeoutMs)}; ${name}Timeout sets another limit.`,
  }
}

async function pause(duration: Duration, clock: Clock, interrupted: AbortSignal): Promise<void> {
  await clock.sleep(parseDuration(duration), interrupted)
  // A stage that sleeps in a loop must not go on behind the run.
  if (interrupted.aborted) throw new Error('its time is over')
}

function same(recorder: Recorder): Recorder {
  return recorder
}
