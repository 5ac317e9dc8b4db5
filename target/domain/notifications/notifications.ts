import type { Configuration } from '../../configuration/configuration.ts'
import type { EventEnvelope } from '../../../contract/api/events.ts'
import { parseDistribution } from '../../../core/distributions/parse.ts'
import { type NotificationContent, type NotificationPush, topicKinds } from '../../../contract/sockets/notifications.ts'
import { type Clock, preciseWallTime } from '../../../core/clock.ts'
import type { Distribution } from '../../../core/distributions/distribution.ts'
import type { Random } from '../../../core/random.ts'
import type { Settings } from '../../configuration/settings.ts'
import type { MemoryBudget } from '../../memory/budget.ts'
import { Venues } from '../venues.ts'
import { Agenda } from './agenda.ts'
import { madeUpContent, orderNews } from './content.ts'
import { TopicFollower, type TopicListener, Topic, topicName } from './topic.ts'

/** Largest delay of a push. */
const TICK_MS = 20
/** A longer delay is a stall: pushes that became due meanwhile are skipped instead of sent in a burst. */
const STALL_MS = 1000
/** Shortest time between two pushes on a topic. */
const SHORTEST_INTERVAL_MS = 1

export interface NotificationsDependencies<Frame> {
  settings: Settings
  clock: Clock
  random: Random
  memory: MemoryBudget
  /** Encodes a push, once for all recipients. */
  encode: (push: NotificationPush) => Frame
}

/** The topics of all tenants, and the times of their pushes. */
export class Notifications<Frame> {
  readonly #dependencies: NotificationsDependencies<Frame>
  readonly #topics: Venues<Topic<Frame>>
  readonly #followers = new Set<TopicFollower<Frame>>()
  /** With push: idle, the times when followers may have been silent for long enough. */
  readonly #followersDue: Agenda<TopicFollower<Frame>>
  /** With push: interval, the times of the topics' next pushes. */
  readonly #topicsDue: Agenda<Topic<Frame>>
  #configuration: Configuration['notifications']
  #interval: Distribution
  #isTicking = false

  constructor(dependencies: NotificationsDependencies<Frame>) {
    const { settings, clock, memory } = dependencies
    this.#dependencies = dependencies
    this.#topics = new Venues(
      memory.table('topics', () => this.#topics.forgetOldest()),
      (tenant, name) => new Topic<Frame>(tenant, name),
    )
    this.#configuration = settings.current.notifications
    this.#interval = parseDistribution(this.#configuration.interval)
    this.#followersDue = new Agenda(clock, TICK_MS)
    this.#topicsDue = new Agenda(clock, TICK_MS)
    settings.onChange(({ notifications }) => this.#configure(notifications))
  }

  /** Adds a client that follows nothing yet. */
  addFollower(tenant: string, listener: TopicListener<Frame>): TopicFollower<Frame> {
    return new TopicFollower(tenant, listener)
  }

  /**
   * Follows all of these topics or none; returns false if no further topic may be made. Names must match the contract's
   * pattern.
   */
  follow(follower: TopicFollower<Frame>, names: Iterable<string>): boolean {
    const added: string[] = []
    for (const name of names) {
      if (follower.topics.has(name)) continue
      const topic = this.#topics.open(follower.tenant, name, this.#configuration.topics)
      if (topic === undefined) {
        this.unfollow(follower, added)
        return false
      }
      if (topic.isEmpty) this.#planTopic(topic)
      topic.members.add(follower)
      follower.topics.set(name, topic)
      added.push(name)
    }
    this.#followers.add(follower)
    // The first push after a subscription comes sooner than others, so that a client that only waits for it does not give up.
    if (added.length > 0) follower.subscribed()
    this.#planFollower(follower)
    if (!this.#isTicking) void this.#tickWhileFollowed()
    return true
  }

  unfollow(follower: TopicFollower<Frame>, names: Iterable<string>): void {
    for (const name of names) {
      const topic = follower.topics.get(name)
      if (topic === undefined) continue
      follower.leave(topic)
      topic.members.delete(follower)
      if (!topic.isEmpty) continue
      this.#topicsDue.delete(topic)
      this.#topics.left(topic.tenant, name)
    }
    if (follower.topics.size > 0) return
    this.#followers.delete(follower)
    this.#followersDue.delete(follower)
  }

  /**
   * Announces a published event to the followers of its account, with push: on_event.
   * @param source the JSON of the event, so that its numbers are announced as they were written
   */
  hear(tenant: string, event: EventEnvelope, source?: string): void {
    if (this.#configuration.push !== 'on_event') return
    const news = orderNews(event, this.#dependencies.random.fork('invoice', event.event_id), source)
    if (news === undefined) return
    for (const kind of topicKinds) {
      const content = news.contents[kind]
      const topic = content && this.#topics.find(tenant, topicName(news.account, kind))
      if (content !== undefined && topic !== undefined) this.#push(topic, content, event.event_id)
    }
  }

  /** Restarts the sequences of topics without followers. */
  reset(): void {
    this.#topics.forgetEmpty()
  }

  #configure(next: Configuration['notifications']): void {
    this.#configuration = next
    this.#interval = parseDistribution(next.interval)
    this.#followersDue.clear()
    this.#topicsDue.clear()
    for (const follower of this.#followers) {
      if (next.push === 'idle') this.#planFollower(follower)
      else follower.release(this.#dependencies.clock.now())
    }
    for (const topic of this.#topics.all()) if (!topic.isEmpty) this.#planTopic(topic)
  }

  #planFollower(follower: TopicFollower<Frame>): void {
    if (this.#configuration.push !== 'idle') return
    this.#followersDue.set(follower, follower.quietSince + this.#silenceMs(follower))
  }

  /** Returns how long a client must be silent before a push. */
  #silenceMs({ awaitsFirst }: TopicFollower<Frame>): number {
    const { push, idleMs, firstIdleMs } = this.#configuration
    if (push !== 'idle') return 0
    return awaitsFirst ? Math.min(firstIdleMs, idleMs) : idleMs
  }

  #planTopic(topic: Topic<Frame>): void {
    if (this.#configuration.push !== 'interval') return
    topic.dueAt = this.#dependencies.clock.now() + this.#drawIntervalMs(topic, topic.sequence)
    this.#topicsDue.set(topic, topic.dueAt)
  }

  /** Runs one timer for all, as long as anything is followed. */
  async #tickWhileFollowed(): Promise<void> {
    this.#isTicking = true
    const { clock } = this.#dependencies
    while (this.#followers.size > 0) {
      await clock.sleep(TICK_MS)
      const now = clock.now()
      for (const follower of this.#followersDue.takeDue(now)) this.#pushIfQuiet(follower, now)
      for (const topic of this.#topicsDue.takeDue(now)) this.#pushOnTime(topic, now)
    }
    this.#isTicking = false
  }

  #pushIfQuiet(follower: TopicFollower<Frame>, now: number): void {
    // Another push of this tick may have ended this follower.
    if (!this.#followers.has(follower)) return
    if (follower.quietSince + this.#silenceMs(follower) > now) return this.#planFollower(follower)
    this.#followersDue.set(follower, now + this.#configuration.idleMs)
    if (follower.holds) return follower.release(now)
    const topic = follower.nextTopic()
    if (topic !== undefined) this.#push(topic)
  }

  /** Sends all pushes of this topic that are due, each at its own time, however late the previous one was. */
  #pushOnTime(topic: Topic<Frame>, now: number): void {
    if (topic.isEmpty) return
    if (now - topic.dueAt > STALL_MS) topic.dueAt = now
    let due = 0
    while (topic.dueAt <= now) {
      due += 1
      topic.dueAt += this.#drawIntervalMs(topic, topic.sequence + due)
    }
    this.#topicsDue.set(topic, topic.dueAt)
    for (; due > 0; due -= 1) this.#push(topic)
  }

  #drawIntervalMs(topic: Topic<Frame>, sequence: number): number {
    const random = this.#dependencies.random.fork('interval', topic.tenant, topic.name, sequence)
    return Math.max(this.#interval.sample(random, sequence), SHORTEST_INTERVAL_MS)
  }

  /** Pushes to all followers of a topic. Without content it is made up. */
  #push(topic: Topic<Frame>, content?: NotificationContent, eventId?: string): void {
    if (topic.isEmpty) return
    const { clock, random, encode } = this.#dependencies
    topic.sequence += 1
    const { tenant, name, kind, sequence } = topic
    const frame = encode({
      ...(content ?? madeUpContent(kind, random.fork('content', tenant, name, sequence))),
      topic: name,
      id: `${name}#${sequence}`,
      sequence,
      created_at: preciseWallTime(clock),
      ...(eventId !== undefined && { event_id: eventId }),
    })
    const now = clock.now()
    for (const follower of topic.members) follower.offer(topic, frame, now, this.#silenceMs(follower))
  }
}
