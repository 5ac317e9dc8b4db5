import type { Clock } from '../../../core/clock.ts'
import { formatDuration } from '../../../core/duration.ts'
import { random } from '../../../core/random.ts'
import { concealUrl } from '../../client/address/url-credentials.ts'
import { createClient } from '../../client/client.ts'
import { ControlPlane } from '../../control/control-plane.ts'
import { isLoadcell } from '../../control/recognise.ts'
import { randomOf } from '../../load/run-load.ts'
import { SnapshotRecorder } from '../../metrics/snapshot-recorder.ts'
import type { Snapshot } from '../../metrics/snapshot.ts'
import { TagSets } from '../../metrics/tag-sets.ts'
import type { Plan } from '../../plan/plan.ts'
import type { RunOutcome } from '../../results/run-result.ts'
import type { StageReports } from '../../results/stage-report.ts'
import { keyPrefixOf } from '../../session/exchange-keys.ts'
import { recordValueOf } from '../../user/own-values.ts'
import { TurnBudget } from '../../user/turn-budget.ts'
import { UserKind, type UserPlan, type Work } from '../../user/user-kind.ts'
import { type UserDependencies, VirtualUser } from '../../user/virtual-user.ts'
import { equipping, sendingOptions, userClientOptions } from '../client-options.ts'
import { newRunId } from '../description.ts'
import { Ending } from '../ending.ts'
import { Preparation } from '../preparation.ts'
import { probeHosts, probeTarget, unreachableOutcome } from '../probe.ts'
import type { RunOptions } from '../run.ts'
import { runConcealer } from '../run-concealer.ts'
import { Uncaught } from '../uncaught.ts'
import { RecorderTap } from './recorder-tap.ts'
import type { ScriptLog } from './script-log.ts'

export interface OnceOptions
  extends Pick<
    RunOptions,
    'clock' | 'signal' | 'kill' | 'guard' | 'targetUrl' | 'controlUrl' | 'controlToken' | 'version'
  > {
  log: ScriptLog
  /** Time after which an iteration is asked to end, as at the end of a run. */
  iterationMs: number
}

/** Counts of one iteration of each kind of user. */
export interface OnceResult {
  /** Why it ended early; absent if it did not. */
  outcome?: RunOutcome | undefined
  requests: number
  failedRequests: number
  checks: number
  failedChecks: number
  /** Exceptions, failures on streams and WebSockets, and iterations that were interrupted. */
  otherFailures: number
  stages: StageReports
}

/** Time in which an iteration that was asked to end does so: as long as it had, within this range. Then it is interrupted. */
const GRACE = { leastMs: 1000, mostMs: 10_000 }
const INTERRUPTED_WITHIN_MS = 1000

/** Runs one iteration of each kind of user, or each of its tasks, one after another. A misbehaving script never makes it throw. */
export async function runOnce(plan: Plan, options: OnceOptions): Promise<OnceResult> {
  const { clock, signal, kill, guard, targetUrl, version, log } = options
  const ending = new Ending(signal, kill, ...(guard === undefined ? [] : [guard.exited]))
  const uncaught = guard?.uncaught ?? new Uncaught()
  const runId = newRunId(plan.name)
  const conceal = runConcealer(plan, options)
  const startedAt = clock.now()
  const recorder = new SnapshotRecorder(clock, startedAt, undefined, [], conceal)
  const tap = new RecorderTap(recorder, log)
  const { http, network } = plan
  const control = new ControlPlane({ ...options, network, hurry: kill })
  const identify = http.identify ?? (await isLoadcell(control))
  const tagSets = new TagSets(plan.vocabulary.requestTags)
  const client = createClient({
    ...userClientOptions(plan),
    targetUrl,
    identify,
    runId,
    version,
    clock,
    startedAt,
    tagSets,
    watch: log,
  })
  const preparation = new Preparation(plan, runId, {
    clock,
    targetUrl,
    identify,
    version,
    conceal,
    stopping: ending.stopping,
    killed: kill,
    createClient: stage => createClient({ ...stage, watch: log }),
    watched: stage => new RecorderTap(stage, log),
    onStage: name => log.step(name),
  })
  try {
    const unreachable = await probe(plan, ending.stopping, options)
    if (unreachable !== undefined) ending.end(unreachable)
    const unprepared = await preparation.setUp()
    if (unprepared !== undefined) ending.end(unprepared)
    uncaught.countIn(tap)
    const root = random(plan.seed)
    const shared = {
      clock,
      recorder: tap,
      worker: 0,
      keyPrefix: keyPrefixOf(plan.seed),
      turnBudget: new TurnBudget(),
      tagSets,
      recordValue: recordValueOf([...plan.vocabulary.custom.values()], tagSets),
      equip: equipping(client, { shared: preparation.shared, runId, clock }),
      onBegun() {},
    }
    for (const load of plan.loads) {
      const { name, firstId, users } = load
      const own = { random: randomOf(root, load), load: name, idOf: (ordinal: number) => firstId + ordinal }
      const visits = new Visits({ ...shared, ...own }, ending.stopping, options)
      for (const user of users) await visits.visit(user)
    }
    uncaught.countIn(undefined)
    await client.close(kill)
    await preparation.tearDown()
    return resultOf(recorder.snapshot, ending.outcome, preparation.reports().stages ?? {})
  } finally {
    ending.close()
    uncaught.countIn(undefined)
    if (guard === undefined) uncaught.close()
  }
}

/** Returns why nothing can be sent. The probe is part of no log. */
async function probe(
  plan: Plan,
  stopping: AbortSignal,
  { clock, targetUrl, controlUrl, version }: OnceOptions,
): Promise<RunOutcome | undefined> {
  const { name, hosts } = plan
  const runId = `${newRunId(name)}~probe`
  const client = createClient({ ...sendingOptions(plan), targetUrl, identify: false, runId, version, clock })
  const conceal = runConcealer(plan, { targetUrl, controlUrl })
  const recorder = new SnapshotRecorder(clock, clock.now(), undefined, [], conceal)
  const prober = { client, recorder, execution: { clock, stopping } }
  const failure = (await probeTarget(prober)) ?? (await probeHosts(prober, hosts))
  await client.close(stopping)
  return failure && unreachableOutcome(failure.place ?? concealUrl(targetUrl), failure)
}

/** A kind of user that does what it is told next. */
class GuidedKind extends UserKind {
  next: Work | undefined

  override draw(): Work {
    return this.next ?? (this.work[0] as Work)
  }
}

/** Users that come one after another and do all that their kind can do. */
class Visits {
  readonly #dependencies: UserDependencies
  readonly #stopping: AbortSignal
  readonly #options: OnceOptions
  #ordinal = 0

  constructor(dependencies: UserDependencies, stopping: AbortSignal, options: OnceOptions) {
    this.#dependencies = dependencies
    this.#stopping = stopping
    this.#options = options
  }

  async visit(plan: UserPlan): Promise<void> {
    const kind = new GuidedKind(plan)
    // A user that was asked to end cannot go on, so another one does the rest.
    for (let left = [...kind.work]; left.length > 0 && !this.#stopping.aborted; ) left = await this.#send(kind, left)
  }

  /** Sends a user to do the work. @returns what is left for another one */
  async #send(kind: GuidedKind, work: readonly Work[]): Promise<Work[]> {
    const { log } = this.#options
    const { name, behaviour } = kind.plan
    const { load } = this.#dependencies
    const step = (part: string) => log.step([...(load === undefined ? [] : [load]), name, part].join(' · '))
    const user = new VirtualUser(kind, this.#ordinal++, this.#dependencies)
    const left = [...work]
    if (behaviour.begin !== undefined) step('begin')
    const began = { value: false }
    let isFree = await this.#within(
      user,
      user.begin().then(value => void (began.value = value)),
    )
    // Without a `begin`, the rest cannot work.
    if (!began.value) left.length = 0
    while (isFree && left.length > 0 && !this.#stopping.aborted) {
      kind.next = left.shift()!
      step(kind.next.name === '' ? 'iterate' : kind.next.name)
      isFree = await this.#within(user, user.iterate())
    }
    if (behaviour.end !== undefined && began.value) step('end')
    await this.#within(user, user.end())
    return left
  }

  /** Waits for a user, but asks it to end and then interrupts it when it takes too long. @returns whether it can do more */
  async #within(user: VirtualUser, work: Promise<void>): Promise<boolean> {
    const { iterationMs, log, kill } = this.#options
    if (await this.#settles(work, iterationMs, this.#stopping)) return true
    if (!this.#stopping.aborted) {
      log.note(`it goes on, and is asked to end after ${formatDuration(iterationMs)} (--duration sets another time)`)
    }
    user.stop()
    const graceMs = Math.min(GRACE.mostMs, Math.max(GRACE.leastMs, iterationMs))
    if (await this.#settles(work, graceMs, kill)) return false
    user.interrupt()
    if (!(await this.#settles(work, INTERRUPTED_WITHIN_MS))) user.abandon()
    return false
  }

  async #settles(work: Promise<void>, withinMs: number, stop?: AbortSignal): Promise<boolean> {
    const { clock }: { clock: Clock } = this.#options
    const done = new AbortController()
    let settled = false
    void work.then(() => {
      settled = true
      done.abort()
    })
    await clock.sleep(withinMs, AbortSignal.any([done.signal, ...(stop === undefined ? [] : [stop])]))
    return settled
  }
}

function resultOf(snapshot: Snapshot, outcome: RunOutcome | undefined, stages: StageReports): OnceResult {
  const checks = snapshot.merged('checks')
  const rows = snapshot.errors.rows()
  const failedRequests = snapshot.hits('http_req_failed', {})
  const errors = rows.reduce((sum, { count }) => sum + count, 0)
  return {
    outcome,
    requests: snapshot.total('http_reqs'),
    failedRequests,
    checks: checks?.total ?? 0,
    failedChecks: checks === undefined ? 0 : checks.total - checks.hits,
    otherFailures: Math.max(0, errors - failedRequests) + snapshot.total('iterations_interrupted'),
    stages,
  }
}
