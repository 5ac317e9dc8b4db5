import type { Topic } from './topic.ts'

/** The client behind a follower. */
export interface Listener<Frame> {
  /** When it last said anything, by the monotonic clock. */
  readonly heardAt: number
  /** The same frame goes to everybody who follows its topic. */
  push(frame: Frame): void
}

/** Pushes that are held for a client while it keeps talking; past it the oldest are not sent. */
const MOST_HELD = 32

interface Held<Frame> {
  topic: Topic<Frame>
  frame: Frame
}

/** One client, the topics it follows, and what is held for it until it is silent. */
export class Follower<Frame> {
  readonly tenant: string
  readonly topics = new Map<string, Topic<Frame>>()
  readonly #listener: Listener<Frame>
  #held: Held<Frame>[] = []
  #pushedAt = Number.NEGATIVE_INFINITY
  #subscribedAt = Number.NaN

  constructor(tenant: string, listener: Listener<Frame>) {
    this.tenant = tenant
    this.#listener = listener
  }

  /** Called when the client subscribes to something new. */
  subscribed(): void {
    this.#subscribedAt = this.#listener.heardAt
  }

  /** It has said nothing since it subscribed, and was pushed nothing either. */
  get awaitsFirst(): boolean {
    return this.#listener.heardAt === this.#subscribedAt && this.#pushedAt < this.#subscribedAt
  }

  get holds(): boolean {
    return this.#held.length > 0
  }

  /** Since when neither it nor anything pushed has broken the silence. */
  get quietSince(): number {
    return Math.max(this.#listener.heardAt, this.#pushedAt)
  }

  /** Sends a frame, or holds it as long as the client has not been silent for `silenceMs`. */
  offer(topic: Topic<Frame>, frame: Frame, now: number, silenceMs: number): void {
    this.#held.push({ topic, frame })
    if (now - this.#listener.heardAt >= silenceMs) this.release(now)
    else if (this.#held.length > MOST_HELD) this.#held.shift()
  }

  /** Sends what is held. */
  release(now: number): void {
    this.#pushedAt = now
    for (const { frame } of this.#held.splice(0)) this.#listener.push(frame)
  }

  /** Follows this topic no more: what was held of it is not sent. */
  leave(topic: Topic<Frame>): void {
    this.#held = this.#held.filter(held => held.topic !== topic)
    this.topics.delete(topic.name)
  }

  /** Its topics take turns. */
  nextTopic(): Topic<Frame> | undefined {
    for (const [name, topic] of this.topics) {
      this.topics.delete(name)
      this.topics.set(name, topic)
      return topic
    }
    return undefined
  }
}
