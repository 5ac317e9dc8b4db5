import { Venue } from '../venues.ts'
import { type TopicKind, topicPattern } from '../../../contract/sockets/notifications.ts'

const pattern = new RegExp(topicPattern, 'u')

/** The pushes of one kind to one account, and its followers. */
export class Topic<Frame> extends Venue<TopicFollower<Frame>> {
  readonly tenant: string
  readonly name: string
  readonly account: string
  readonly kind: TopicKind
  /** Sequence of the newest push; 0 before the first. */
  sequence = 0
  /** When the next push is due, with push: interval. */
  dueAt = 0

  /** @param name a name that matches the contract’s pattern */
  constructor(tenant: string, name: string) {
    super()
    this.tenant = tenant
    this.name = name
    const { account, kind } = topicParts(name)
    this.account = account
    this.kind = kind
  }
}

/** Returns the account and the kind in a topic’s name. */
export function topicParts(name: string): { account: string; kind: TopicKind } {
  const [, account, kind] = pattern.exec(name) as RegExpExecArray
  return { account: account as string, kind: kind as TopicKind }
}

export function topicName(account: string, kind: TopicKind): string {
  return `account.${account}.${kind}`
}

/** The client of a follower. */
export interface TopicListener<Frame> {
  /** When the client last sent anything, by the monotonic clock. */
  readonly heardAt: number
  /** Sends a frame, which is the same for all followers of its topic. */
  push(frame: Frame): void
}

/** Maximum number of pushes that are held for a client that keeps sending. The oldest beyond that are dropped. */
const MOST_HELD = 32

interface Held<Frame> {
  topic: Topic<Frame>
  frame: Frame
}

/** One client, the topics it follows, and the pushes held until it is silent. */
export class TopicFollower<Frame> {
  readonly tenant: string
  readonly topics = new Map<string, Topic<Frame>>()
  readonly #listener: TopicListener<Frame>
  #held: Held<Frame>[] = []
  #pushedAt = Number.NEGATIVE_INFINITY
  #subscribedAt = Number.NaN

  constructor(tenant: string, listener: TopicListener<Frame>) {
    this.tenant = tenant
    this.#listener = listener
  }

  /** Called when the client subscribes to something new. */
  subscribed(): void {
    this.#subscribedAt = this.#listener.heardAt
  }

  /** Whether it has neither sent nor received anything since it subscribed. */
  get awaitsFirst(): boolean {
    return this.#listener.heardAt === this.#subscribedAt && this.#pushedAt < this.#subscribedAt
  }

  get holds(): boolean {
    return this.#held.length > 0
  }

  /** When the silence began: at the last frame of the client or the last push. */
  get quietSince(): number {
    return Math.max(this.#listener.heardAt, this.#pushedAt)
  }

  /** Sends a frame, or holds it until the client has been silent for `silenceMs`. */
  offer(topic: Topic<Frame>, frame: Frame, now: number, silenceMs: number): void {
    this.#held.push({ topic, frame })
    if (now - this.#listener.heardAt >= silenceMs) this.release(now)
    else if (this.#held.length > MOST_HELD) this.#held.shift()
  }

  /** Sends the held frames. */
  release(now: number): void {
    this.#pushedAt = now
    for (const { frame } of this.#held.splice(0)) this.#listener.push(frame)
  }

  /** Stops following a topic and drops its held frames. */
  leave(topic: Topic<Frame>): void {
    this.#held = this.#held.filter(held => held.topic !== topic)
    this.topics.delete(topic.name)
  }

  /** Returns the topic for the next idle push; topics take turns. */
  nextTopic(): Topic<Frame> | undefined {
    for (const [name, topic] of this.topics) {
      this.topics.delete(name)
      this.topics.set(name, topic)
      return topic
    }
    return undefined
  }
}
