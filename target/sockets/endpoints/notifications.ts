import type { EventEnvelope } from '../../../contract/api/events.ts'
import { notificationActions, type NotificationFrame } from '../../../contract/sockets/notifications.ts'
import type { Settings } from '../../configuration/settings.ts'
import { Notifications } from '../../domain/notifications/notifications.ts'
import { topicParts, type TopicListener } from '../../domain/notifications/topic.ts'
import { acknowledgement, type Frame } from '../../connections/frame.ts'
import { jsonProtocol } from '../../protocols/json.ts'
import { checkersOf, type Endpoint, type EndpointDependencies, type EndpointSession, type Peer } from '../endpoint.ts'
import { checkName, SocketRefusal } from '../../protocols/refusal.ts'

/** Pushes notifications to accounts. A push is encoded once for all followers of its topic. */
export class NotificationsEndpoint implements Endpoint<typeof notificationActions, NotificationFrame> {
  readonly operation = 'sockets.notifications'
  readonly protocol = jsonProtocol('type')
  readonly checkers = checkersOf(notificationActions)
  readonly #settings: Settings
  readonly #notifications: Notifications<Frame>

  constructor(dependencies: EndpointDependencies) {
    this.#settings = dependencies.settings
    this.#notifications = new Notifications({
      ...dependencies,
      random: dependencies.random.fork('notifications'),
      encode: push =>
        this.protocol.encode({ message: push, about: { kind: 'event', channel: push.topic, sequence: push.sequence } }),
    })
    dependencies.lifecycle.onReset('data', () => this.#notifications.reset())
  }

  onConnect(peer: Peer<NotificationFrame>): EndpointSession<typeof notificationActions> {
    const follower = this.#notifications.addFollower(peer.tenant, new PeerListener(peer))
    const forget = (topics: Iterable<string>) => {
      for (const topic of topics) peer.subscriptions.delete(topic)
    }
    return {
      on: {
        subscribe: ({ topics }) => {
          this.#checkAccounts(peer, topics)
          const added = peer.subscriptions.add(topics)
          if (!this.#notifications.follow(follower, added)) {
            forget(added)
            this.#refuseTopics()
          }
          peer.reply({ type: 'subscribed', topics }, acknowledgement(...topics))
        },
        unsubscribe: ({ topics }) => {
          forget(topics)
          this.#notifications.unfollow(follower, topics)
          peer.reply({ type: 'unsubscribed', topics }, acknowledgement(...topics))
        },
      },
      onDisconnect: () => this.#notifications.unfollow(follower, peer.subscriptions),
    }
  }

  /** Called with every published event. `source` is its JSON. */
  hear(tenant: string, event: EventEnvelope, source?: string): void {
    this.#notifications.hear(tenant, event, source)
  }

  /** In strict mode a client may only follow the account of its token. */
  #checkAccounts({ bearer }: Peer, topics: readonly string[]): void {
    const { mode } = this.#settings.current.auth
    for (const topic of topics) {
      const { account } = topicParts(topic)
      checkName('the account of a topic', account)
      if (mode !== 'strict' || account === bearer?.subject) continue
      throw new SocketRefusal(
        'forbidden',
        `expected topics of account.${bearer?.subject}, the account of the token, got ${topic}`,
      )
    }
  }

  #refuseTopics(): never {
    const { topics } = this.#settings.current.notifications
    throw new SocketRefusal(
      'too_many_channels',
      `no topic was subscribed: ${topics} topics have followers already (notifications.topics)`,
    )
  }
}

/** A class, because an object literal with a getter keeps what it refers to until the next full collection. */
class PeerListener implements TopicListener<Frame> {
  readonly #peer: Peer<NotificationFrame>

  constructor(peer: Peer<NotificationFrame>) {
    this.#peer = peer
  }

  get heardAt(): number {
    return this.#peer.heardAt
  }

  push(frame: Frame): void {
    this.#peer.outlet.enqueue(frame)
  }
}
