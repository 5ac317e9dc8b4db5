import type { Clock } from '../../core/clock.ts'
import { type Duration, parseDuration } from '../../core/duration.ts'
import type { Random } from '../../core/random.ts'
import { StreamError } from '../client/live/reconnector.ts'
import { UnreadableBody } from '../client/message/unreadable-body.ts'
import { MissingRow } from '../feeders/missing-row.ts'
import type { TagSets } from '../metrics/tag-sets.ts'
import type { Recorder } from '../metrics/recorder.ts'
import type { Context } from '../scenario/context.ts'
import { ExchangeKeys } from '../session/exchange-keys.ts'
import { Holdings } from '../session/holdings.ts'
import type { Session } from '../session/session.ts'
import { type TurnBudget, nextTurn } from './turn-budget.ts'
import { Checks } from './checks.ts'
import { Interrupted } from './interrupted.ts'
import { describeException } from './exception.ts'
import { Groups } from './groups.ts'
import type { RecordValue } from './own-values.ts'
import type { UserKind, Work } from './user-kind.ts'

/** Everything that a virtual user needs from its run. */
export interface UserDependencies {
  clock: Clock
  recorder: Recorder
  /** Randomness of the load; users take forks of it. */
  random: Random
  /** Name of the load; absent in a run without names. */
  load?: string | undefined
  /** Returns the id of a user by its ordinal in the load. */
  idOf: (ordinal: number) => number
  /** Index of the worker that runs it. */
  worker: number
  /** Prefix of the keys of all its exchanges. */
  keyPrefix: string
  turnBudget: TurnBudget
  tagSets: TagSets
  /** Records values of the scenario's metrics. */
  recordValue: RecordValue
  /** The clients and payloads of a user. */
  equip: (
    session: Session,
  ) => Omit<Context<unknown>, 'random' | 'state' | 'vu' | 'check' | 'record' | 'group' | 'sleep'>
  /** Called when a user has completed its `begin`. */
  onBegun(): void
}

/** An iteration of the schedule. It has its own randomness, so that it does not depend on the user that runs it. */
export interface Arrival {
  dueAt: number
  /** Number among all arrivals. */
  ordinal: number
  random: Random
}

/** Pause before a user that could not begin tries again. */
const BEGIN_RETRY_MS = 1000

/** A virtual user. Exceptions of the scenario are counted. No method rejects. */
export class VirtualUser {
  readonly kind: UserKind
  readonly #dependencies: UserDependencies
  readonly #session: Session
  readonly #context: Context<unknown>
  readonly #random: Random
  readonly #stopping = new AbortController()
  readonly #interrupted = new AbortController()
  #iteration = 0
  #pauses = 0
  #restMs = 0
  #begun = false
  #working = false
  /** Time when the iteration under way was due; undefined during `begin`. */
  #iterationDueAt: number | undefined
  #abandoned = false

  constructor(kind: UserKind, ordinal: number, dependencies: UserDependencies) {
    const { clock, recorder, random, keyPrefix, load, idOf, worker, tagSets, recordValue, equip } = dependencies
    const id = idOf(ordinal)
    this.kind = kind
    this.#dependencies = dependencies
    this.#random = random.fork('user', ordinal)
    this.#session = {
      clock,
      recorder,
      user: kind.plan.name,
      ordinal: id,
      exchanges: new ExchangeKeys(keyPrefix, kind.plan.name, ordinal, { worker, load }),
      task: '',
      workTags: kind.tags,
      labels: kind.labels,
      grouped: false,
      random: this.#random,
      dueAt: undefined,
      token: undefined,
      cookies: undefined,
      holdings: new Holdings(),
      stopping: this.#stopping.signal,
      interrupted: this.#interrupted.signal,
    }
    const groups = new Groups(this.#session, tagSets, () => !this.#abandoned && !this.#session.interrupted.aborted)
    const checks = new Checks({
      session: this.#session,
      kind,
      tagSets,
      onThrown: (thrown, name) => this.#fail(thrown, name),
      onExplained: (example, name) => {
        if (!this.#abandoned) recorder.fail({ reason: 'body', name, example })
      },
    })
    this.#context = {
      ...equip(this.#session),
      random: this.#random,
      state: undefined,
      vu: { id, iteration: 0 },
      check: (value, claims) => checks.run(value, claims),
      record: (metric, value, tags) => recordValue(this.#session, metric, value, tags),
      group: (name, work) => groups.run(name, work),
      sleep: duration => this.#sleep(duration),
    }
  }

  /** Aborts when the user should end. */
  get stopping(): AbortSignal {
    return this.#session.stopping
  }

  /** How long the user had to pause after its last iteration. */
  get restMs(): number {
    return this.#restMs
  }

  /**
   * Iterates, with a pause after each iteration, while there is `more` to do and until `stop`; then ends. A promise of more makes the
   * user wait.
   */
  async work(more: (user: VirtualUser) => boolean | Promise<boolean>): Promise<void> {
    while (!this.stopping.aborted) {
      let isMore = more(this)
      if (typeof isMore !== 'boolean') isMore = await isMore
      if (!isMore) break
      const startedAt = this.#dependencies.clock.now()
      await this.iterate(undefined, startedAt)
      const pause = this.pause(startedAt)
      if (pause !== undefined) await pause
    }
    await this.end()
  }

  /** Runs the scenario's `begin` unless it has succeeded before. Resolves with whether it has succeeded. */
  async begin(): Promise<boolean> {
    if (this.#begun) return true
    const { behaviour } = this.kind.plan
    this.#session.exchanges.enter('begin')
    try {
      this.#draw(this.#random.fork('begin'))
      if (behaviour.begin) this.#context.state = await behaviour.begin(this.#context as Context<undefined>)
      this.#begun = true
      this.#session.holdings.keep()
      this.#dependencies.onBegun()
    } catch (thrown) {
      this.#failed(thrown, `${this.kind.plan.name}: begin`)
      await this.#session.holdings.releaseUnkept()
    }
    return this.#begun
  }

  async iterate(arrival?: Arrival, startedAt = arrival?.dueAt ?? this.#dependencies.clock.now()): Promise<void> {
    this.#working = true
    if (this.#begun || (await this.begin())) {
      this.#iterationDueAt = startedAt
      this.#session.dueAt = arrival?.dueAt
      this.#draw(arrival?.random ?? this.#random.fork(this.#iteration))
      this.#context.vu.iteration = this.#iteration
      if (arrival === undefined) this.#session.exchanges.enter(this.#iteration)
      else this.#session.exchanges.enterArrival(arrival.ordinal)
      this.#iteration += 1
      const work = this.kind.draw(this.#session.random)
      this.#enter(work.name, work)
      try {
        await work.run(this.#context)
        this.#ran(work, startedAt)
      } catch (thrown) {
        this.#failed(thrown, work.name === '' ? `${this.kind.plan.name}: iterate` : work.name)
      }
      this.#enter('', this.kind)
      const release = this.#session.holdings.releaseUnkept()
      if (release !== undefined) await release
    } else {
      await this.#dependencies.clock.sleep(BEGIN_RETRY_MS, this.stopping)
    }
    this.#working = false
    this.#iterationDueAt = undefined
  }

  /** Pauses for the think time or the rest of the pacing, whichever is longer. */
  pause(startedAt: number): Promise<void> | undefined {
    const { clock, turnBudget } = this.#dependencies
    const { think, pacing } = this.kind.plan
    const ordinal = this.#pauses++
    const delayMs =
      think === undefined && pacing === undefined
        ? 0
        : Math.max(
            think?.sample(this.#session.random.fork('think'), ordinal) ?? 0,
            startedAt + (pacing?.sample(this.#session.random.fork('pacing'), ordinal) ?? 0) - clock.now(),
          )
    this.#restMs = delayMs
    // Many pauses may end at the same moment, and all due timers run before sockets and signals.
    return delayMs > 0 ? clock.sleep(delayMs, this.stopping).then(() => turnBudget.take()) : turnBudget.take()
  }

  /** Runs the scenario's `end`, unless the user never began or was interrupted, and releases its resources. */
  async end(): Promise<void> {
    const { behaviour } = this.kind.plan
    if (this.#begun && behaviour.end && !this.#session.interrupted.aborted) {
      try {
        this.#session.dueAt = undefined
        this.#session.exchanges.enter('end')
        this.#draw(this.#random.fork('end'))
        await behaviour.end(this.#context)
      } catch (thrown) {
        this.#fail(thrown, `${this.kind.plan.name}: end`)
      }
    }
    await this.#session.holdings.releaseAll()
  }

  /** Asks the user to end. */
  stop(): void {
    this.#stopping.abort()
  }

  /** Interrupts everything that the user has under way. */
  interrupt(): void {
    this.#stopping.abort()
    this.#interrupted.abort()
  }

  /** Abandons a user that did not end when it was interrupted. Its further work is not counted. */
  abandon(): void {
    if (this.#working && !this.#abandoned) this.#count('iterations_interrupted')
    this.#abandoned = true
  }

  /** Counts an iteration that ran to its end. */
  #ran({ tags }: Work, startedAt: number): void {
    const { clock, recorder } = this.#dependencies
    if (this.#abandoned) return
    if (this.#session.interrupted.aborted) {
      recorder.add('iterations_interrupted', tags, 1, startedAt)
    } else {
      recorder.add('iterations', tags, 1, startedAt)
      recorder.time('iteration_duration', tags, clock.now() - startedAt, startedAt)
    }
  }

  #enter(task: string, { tags, labels }: Pick<Work, 'tags' | 'labels'>): void {
    this.#session.task = task
    this.#session.workTags = tags
    this.#session.labels = labels
  }

  #draw(random: Random): void {
    this.#session.random = random
    this.#context.random = random
  }

  /** Counts an iteration that was interrupted or threw. */
  #failed(thrown: unknown, name: string): void {
    if (this.#abandoned) return
    if (this.#session.interrupted.aborted) {
      this.#count('iterations_interrupted')
    } else {
      this.#count('iterations_failed')
      this.#fail(thrown, name)
    }
  }

  #fail(thrown: unknown, name: string): void {
    if (this.#abandoned || thrown instanceof Interrupted) return
    // A refused stream already counts as a failed request. It is a failure of the target, not of the scenario.
    if (thrown instanceof StreamError) return
    const reason = thrown instanceof UnreadableBody ? 'body' : thrown instanceof MissingRow ? 'no_row' : 'exception'
    this.#dependencies.recorder.fail({ reason, name, example: describeException(thrown) })
  }

  #count(metric: 'iterations_failed' | 'iterations_interrupted'): void {
    this.#dependencies.recorder.add(metric, this.kind.tags, 1, this.#iterationDueAt)
  }

  async #sleep(duration: Duration): Promise<void> {
    const { clock, turnBudget } = this.#dependencies
    await clock.sleep(parseDuration(duration), this.stopping)
    await turnBudget.take()
    // A scenario that sleeps in a loop must neither block the event loop nor continue after an interruption.
    if (this.stopping.aborted) await nextTurn()
    if (this.#session.interrupted.aborted) throw new Interrupted()
  }
}
