import { streamsActions, type StreamsAnswer } from '../../../contract/socketio/streams.ts'
import type { LaggedFrame, ResetFrame } from '../../../contract/streams.ts'
import type { Clock } from '../../../core/clock.ts'
import { demand } from '../../auth/demand.ts'
import type { Settings } from '../../configuration/settings.ts'
import { acknowledgement, type Frame } from '../../connections/frame.ts'
import { SocketFrame } from '../../connections/socket-wire.ts'
import { jsonProtocol } from '../../protocols/json.ts'
import { SocketRefusal } from '../../protocols/refusal.ts'
import { ProblemError } from '../../exchange/problem.ts'
import { RejectedEvent } from './rejected-event.ts'
import type { OutgoingEvent, StreamProtocol } from '../../protocols/stream-protocol.ts'
import { checkersOf, type Endpoint, type EndpointSession, type Peer } from '../../sockets/endpoint.ts'
import { SubscriptionLanes } from '../../streams/lanes.ts'
import { parseCursor } from '../../streams/cursor.ts'
import { resume, type StartPoint } from '../../streams/resume.ts'
import type { Streams } from '../../streams/streams.ts'
import { Subscription } from '../../streams/subscription.ts'
import { UncountedBook } from '../../streams/uncounted-book.ts'
import { controlPacket, eventPacket } from './packet.ts'

const NAMESPACE = '/streams'

export interface StreamsDependencies {
  streams: Streams
  settings: Settings
  clock: Clock
  /** Called with each frame for a client, and where each of its subscriptions begins. */
  watch: { sent: (peer: Peer, frame: Frame) => void; begun: (peer: Peer, stream: string, sequence: number) => void }
}

/** Event streams: publish, and follow with offsets. */
export class StreamsNamespace implements Endpoint<typeof streamsActions, StreamsAnswer> {
  readonly operation = 'socketio.connect'
  readonly protocol = jsonProtocol('action')
  readonly checkers = checkersOf(streamsActions)
  readonly #dependencies: StreamsDependencies

  constructor(dependencies: StreamsDependencies) {
    this.#dependencies = dependencies
  }

  onConnect(peer: Peer<StreamsAnswer>): EndpointSession<typeof streamsActions> {
    const { settings, streams } = this.#dependencies
    const { subscriptions, exchange } = peer
    const lanes = new SubscriptionLanes(peer.connection)
    const open = new Map<string, { end(): void }>()
    return {
      on: {
        publish: (frame, sent) => {
          const { action: _action, ...event } = frame as Record<string, unknown>
          demand(exchange, 'events.publish', settings)
          const { account, tenant } = exchange
          const published = counted(() =>
            streams.ingestion.publish(streams.tenant(tenant), event, account.events, sent.text),
          )
          const { event_id, stream, partition, offset, duplicate = false } = published
          peer.reply({ type: 'published', event_id, stream, partition, offset, duplicate }, acknowledgement(stream))
        },
        subscribe: ({ stream, from, cursor, group }) => {
          demand(exchange, 'streams.read', settings)
          if (open.has(stream)) throw new SocketRefusal('invalid_request', `${stream} is subscribed already`)
          const name = group == null ? stream : `${stream} ${group}`
          subscriptions.add([name])
          try {
            const start = cursor == null ? (from ?? 'latest') : { cursor }
            const followed = this.#follow(peer, stream, start, group ?? undefined, lanes)
            open.set(stream, {
              end: () => {
                subscriptions.delete(name)
                followed.end()
              },
            })
            followed.begin()
          } catch (error) {
            if (!open.has(stream)) subscriptions.delete(name)
            throw error
          }
        },
        unsubscribe: ({ stream }) => {
          if (!open.has(stream)) throw new SocketRefusal('not_subscribed', `${stream} is not subscribed`)
          open.get(stream)?.end()
          open.delete(stream)
          peer.reply({ type: 'unsubscribed', stream }, acknowledgement(stream))
        },
      },
      onDisconnect: () => {
        for (const subscription of open.values()) subscription.end()
        open.clear()
      },
    }
  }

  #follow(
    peer: Peer<StreamsAnswer>,
    name: string,
    start: StartPoint,
    group: string | undefined,
    lanes: SubscriptionLanes,
  ): { begin(): void; end(): void } {
    const { streams, clock, watch } = this.#dependencies
    const tenant = streams.tenant(peer.exchange.tenant)
    const stream = tenant.stream(name)
    tenant.evict(clock.wallTime())
    const resumption = resume(tenant, [stream], start, group)
    const lane = lanes.open(laneOf(name), frame => watch.sent(peer, frame))
    const book = new UncountedBook(peer.key)
    const subscription = new Subscription({
      tenant,
      resumption,
      filter: undefined,
      protocol: streamsEncoder,
      connection: lane,
      book,
    })
    tenant.openConnections += 1
    return {
      begin() {
        const cursor =
          typeof start === 'object' ? start.cursor : tenant.cursor(start === 'latest' ? tenant.sequence : 0)
        watch.begun(peer, name, parseCursor(cursor)?.sequence ?? tenant.sequence)
        peer.reply({ type: 'subscribed', stream: name, cursor }, acknowledgement(name))
        subscription.start(resumption.reset)
      },
      end() {
        tenant.openConnections -= 1
        subscription.end(clock.wallTime())
        lane.end()
      },
    }
  }
}

/** Writes events for all clients alike. The last frame is remembered, because all followers get an event in turn. */
class StreamsEncoder implements StreamProtocol {
  readonly contentType = ''
  readonly isTransient = true
  readonly keepAlive: Frame = new SocketFrame('6')
  #last: { event: OutgoingEvent; frame: Frame } | undefined

  preamble(): undefined {
    return undefined
  }

  event(event: OutgoingEvent): Frame {
    if (this.#last?.event === event) return this.#last.frame
    const { about, text, cursor, key } = event
    const content = `${text.slice(0, -1)},"cursor":"${cursor}"}`
    const subscription = laneOf(about.channel)
    const frame = eventPacket(NAMESPACE, 'event', content, { ...about, subscription }, `${subscription} ${key}`)
    this.#last = { event, frame }
    return frame
  }

  reset(reset: ResetFrame): Frame {
    return controlPacket(NAMESPACE, 'reset', JSON.stringify(reset))
  }

  lagged(lagged: LaggedFrame): Frame {
    return controlPacket(NAMESPACE, 'lagged', JSON.stringify(lagged))
  }
}

/** Marks the refusal of an event that is counted as rejected. @throws RejectedEvent */
function counted<T>(publish: () => T): T {
  try {
    return publish()
  } catch (error) {
    throw error instanceof ProblemError ? new RejectedEvent(error.code, error.message, error.extra) : error
  }
}

const streamsEncoder = new StreamsEncoder()

function laneOf(stream: string): string {
  return `${NAMESPACE} ${stream}`
}
