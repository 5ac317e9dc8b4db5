import type { Configuration } from '../../../contract/configuration.ts'
import type { EventEnvelope } from '../../../contract/events.ts'
import { parseDistribution } from '../../../contract/parse-distribution.ts'
import { type NotificationContent, type NotificationPush, topicKinds } from '../../../contract/sockets/notifications.ts'
import { type Clock, preciseWallTime } from '../../../core/clock.ts'
import type { Distribution } from '../../../core/distributions/distribution.ts'
import type { Random } from '../../../core/random.ts'
import type { Settings } from '../../configuration/settings.ts'
import type { MemoryBudget } from '../../memory/budget.ts'
import { Venues } from '../venues.ts'
import { Agenda } from './agenda.ts'
import { madeUpContent, orderNews } from './content.ts'
import { Follower, type Listener } from './follower.ts'
import { Topic, topicName } from './topic.ts'

/** Nothing is pushed more than this late. */
const TICK_MS = 20
/** Later than this is a stall, not a delay: what was due meanwhile is left out instead of sent in a burst. */
const STALL_MS = 1000
/** A topic’s pushes are at least this far apart, whatever is drawn. */
const SHORTEST_INTERVAL_MS = 1

export interface NotificationsParts<Frame> {
  settings: Settings
  clock: Clock
  random: Random
  memory: MemoryBudget
  /** Writes a push down, once for all who get it. */
  encode: (push: NotificationPush) => Frame
}

/** The topics of all tenants, and what is pushed on them when. */
export class Notifications<Frame> {
  readonly #parts: NotificationsParts<Frame>
  readonly #topics: Venues<Topic<Frame>>
  readonly #followers = new Set<Follower<Frame>>()
  /** With push: idle, when a follower may have been silent for long enough. */
  readonly #followersDue: Agenda<Follower<Frame>>
  /** With push: interval, when a topic’s next push is due. */
  readonly #topicsDue: Agenda<Topic<Frame>>
  #configuration: Configuration['notifications']
  #interval: Distribution
  #isTicking = false

  constructor(parts: NotificationsParts<Frame>) {
    const { settings, clock, memory } = parts
    this.#parts = parts
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

  /** A client that follows nothing yet. */
  welcome(tenant: string, listener: Listener<Frame>): Follower<Frame> {
    return new Follower(tenant, listener)
  }

  /** Follows all of these topics, or none: false when there are as many topics as may be. Names fit the contract’s pattern. */
  follow(follower: Follower<Frame>, names: Iterable<string>): boolean {
    const added: string[] = []
    for (const name of names) {
      if (follower.topics.has(name)) continue
      const topic = this.#topics.open(follower.tenant, name, this.#configuration.topics)
      if (topic === undefined) {
        this.unfollow(follower, added)
        return false
      }
      if (topic.isEmpty) this.#planTopic(topic)
      topic.followers.add(follower)
      follower.topics.set(name, topic)
      added.push(name)
    }
    this.#followers.add(follower)
    // A client that waits for the first push right away must not give up before it comes.
    if (added.length > 0) follower.subscribed()
    this.#planFollower(follower)
    if (!this.#isTicking) void this.#tickWhileFollowed()
    return true
  }

  unfollow(follower: Follower<Frame>, names: Iterable<string>): void {
    for (const name of names) {
      const topic = follower.topics.get(name)
      if (topic === undefined) continue
      follower.leave(topic)
      topic.followers.delete(follower)
      if (!topic.isEmpty) continue
      this.#topicsDue.delete(topic)
      this.#topics.left(topic.tenant, name)
    }
    if (follower.topics.size > 0) return
    this.#followers.delete(follower)
    this.#followersDue.delete(follower)
  }

  /**
   * A tenant has published an event: with push: on_event, whoever follows its account is told.
   * @param source the JSON that the event was read from, so that its numbers are told as they were written
   */
  hear(tenant: string, event: EventEnvelope, source?: string): void {
    if (this.#configuration.push !== 'on_event') return
    const news = orderNews(event, this.#parts.random.fork('invoice', event.event_id), source)
    if (news === undefined) return
    for (const kind of topicKinds) {
      const content = news.contents[kind]
      const topic = content && this.#topics.find(tenant, topicName(news.account, kind))
      if (content !== undefined && topic !== undefined) this.#push(topic, content, event.event_id)
    }
  }

  /** Topics that nobody follows begin again at 1. */
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
      else follower.release(this.#parts.clock.now())
    }
    for (const topic of this.#topics.all()) if (!topic.isEmpty) this.#planTopic(topic)
  }

  #planFollower(follower: Follower<Frame>): void {
    if (this.#configuration.push !== 'idle') return
    this.#followersDue.set(follower, follower.quietSince + this.#silenceMs(follower))
  }

  /** How long a client is silent before it is sent something. */
  #silenceMs({ awaitsFirst }: Follower<Frame>): number {
    const { push, idleMs, firstIdleMs } = this.#configuration
    if (push !== 'idle') return 0
    return awaitsFirst ? Math.min(firstIdleMs, idleMs) : idleMs
  }

  #planTopic(topic: Topic<Frame>): void {
    if (this.#configuration.push !== 'interval') return
    topic.dueAt = this.#parts.clock.now() + this.#drawIntervalMs(topic, topic.sequence)
    this.#topicsDue.set(topic, topic.dueAt)
  }

  /** One timer for all, and none while nobody follows anything. */
  async #tickWhileFollowed(): Promise<void> {
    this.#isTicking = true
    const { clock } = this.#parts
    while (this.#followers.size > 0) {
      await clock.sleep(TICK_MS)
      const now = clock.now()
      for (const follower of this.#followersDue.takeDue(now)) this.#pushIfQuiet(follower, now)
      for (const topic of this.#topicsDue.takeDue(now)) this.#pushOnTime(topic, now)
    }
    this.#isTicking = false
  }

  #pushIfQuiet(follower: Follower<Frame>, now: number): void {
    // Whoever was sent away by another’s push, in this very tick, is not followed up.
    if (!this.#followers.has(follower)) return
    if (follower.quietSince + this.#silenceMs(follower) > now) return this.#planFollower(follower)
    this.#followersDue.set(follower, now + this.#configuration.idleMs)
    if (follower.holds) return follower.release(now)
    const topic = follower.nextTopic()
    if (topic !== undefined) this.#push(topic)
  }

  /** Everything on this topic that is due by now, each at its own time however late the one before was. */
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
    const random = this.#parts.random.fork('interval', topic.tenant, topic.name, sequence)
    return Math.max(this.#interval.sample(random, sequence), SHORTEST_INTERVAL_MS)
  }

  /** Says something on a topic to everybody who follows it. Without content it is made up. */
  #push(topic: Topic<Frame>, content?: NotificationContent, eventId?: string): void {
    if (topic.isEmpty) return
    const { clock, random, encode } = this.#parts
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
    for (const follower of topic.followers) follower.offer(topic, frame, now, this.#silenceMs(follower))
  }
}
