import { type TopicKind, topicPattern } from '../../../contract/sockets/notifications.ts'
import type { Venue } from '../venues.ts'
import type { Follower } from './follower.ts'

const pattern = new RegExp(topicPattern, 'u')

/** The pushes of one kind to one account, and its followers. */
export class Topic<Frame> implements Venue {
  readonly tenant: string
  readonly name: string
  readonly account: string
  readonly kind: TopicKind
  readonly followers = new Set<Follower<Frame>>()
  /** Sequence of the newest push; 0 before the first. */
  sequence = 0
  /** When the next push is due where each topic has a time of its own. */
  dueAt = 0

  /** `name` fits the contract’s pattern. */
  constructor(tenant: string, name: string) {
    this.tenant = tenant
    this.name = name
    const { account, kind } = topicParts(name)
    this.account = account
    this.kind = kind
  }

  get isEmpty(): boolean {
    return this.followers.size === 0
  }
}

/** The account and the kind in a topic’s name. */
export function topicParts(name: string): { account: string; kind: TopicKind } {
  const [, account, kind] = pattern.exec(name) as RegExpExecArray
  return { account: account as string, kind: kind as TopicKind }
}

export function topicName(account: string, kind: TopicKind): string {
  return `account.${account}.${kind}`
}
