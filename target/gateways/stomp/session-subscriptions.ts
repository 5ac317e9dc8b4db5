import { quotedStart } from '../../../core/quoted-start.ts'
import type { StompFrame, StompHeaders } from '../../../contract/stomp/frame.ts'
import type { StompVersion } from '../../../contract/stomp/version.ts'
import { demand } from '../../auth/demand.ts'
import type { Peer } from '../../sockets/endpoint.ts'
import type { StartPoint } from '../../streams/resume.ts'
import { SubscriptionLanes } from '../../streams/lanes.ts'
import type { AcknowledgedSubscription } from './acknowledged.ts'
import { AcknowledgedRoom } from './acknowledged-room.ts'
import { AcknowledgedStream } from './acknowledged-stream.ts'
import { followAutomatically } from './automatic.ts'
import { destinationOf } from './destination.ts'
import { StompRefusal } from './refusal.ts'
import {
  type AckMode,
  ackModes,
  type StompDependencies,
  type OpenSubscription,
  type SubscriptionRequest,
} from './subscription.ts'

const LONGEST_ID = 256

/** The subscriptions of one connection. */
export class SessionSubscriptions {
  readonly #peer: Peer
  readonly #dependencies: StompDependencies
  readonly #onFailure: (refusal: StompRefusal) => void
  readonly #lanes: SubscriptionLanes
  readonly #open = new Map<string, OpenSubscription>()
  /** Subscriptions with acknowledgements, by the prefix of their names. */
  readonly #acknowledged = new Map<string, AcknowledgedSubscription>()
  readonly #prefixes = new Map<string, string>()
  #opened = 0

  constructor(peer: Peer, dependencies: StompDependencies, onFailure: (refusal: StompRefusal) => void) {
    this.#peer = peer
    this.#dependencies = dependencies
    this.#onFailure = onFailure
    this.#lanes = new SubscriptionLanes(peer.connection)
  }

  /** Returns the subscription, to be started. @throws StompRefusal, ProblemError or SocketRefusal */
  add(headers: StompHeaders, version: StompVersion): OpenSubscription {
    const { settings } = this.#dependencies
    const { exchange, subscriptions } = this.#peer
    const destination = destinationOf(headers['destination'])
    const id = headers['id'] ?? (version === '1.0' ? headers['destination'] : undefined)
    if (id === undefined || id === '' || id.length > LONGEST_ID) {
      throw new StompRefusal('invalid_request', `expected a header id of 1…${LONGEST_ID} characters`)
    }
    if (this.#open.has(id))
      throw new StompRefusal('invalid_request', `there is a subscription ${quotedStart(id)} already`)
    demand(exchange, destination.kind === 'stream' ? 'streams.read' : 'sockets.chat', settings)
    const mode = modeOf(headers['ack'])
    const { group, cursor } = headers
    const start = cursor === undefined ? startOf(headers['from']) : { cursor }
    const request: SubscriptionRequest = { id, destination, version, group, start, peer: this.#peer }
    subscriptions.add([id])
    let subscription: OpenSubscription
    try {
      subscription =
        mode === 'auto' ? followAutomatically(this.#dependencies, request, this.#lanes) : this.#follow(request, mode)
    } catch (error) {
      subscriptions.delete(id)
      throw error
    }
    this.#open.set(id, subscription)
    return subscription
  }

  /** @throws StompRefusal */
  remove(headers: StompHeaders): void {
    const id = headers['id'] ?? headers['destination'] ?? ''
    const subscription = this.#open.get(id)
    if (subscription === undefined) {
      throw new StompRefusal('not_subscribed', `there is no subscription ${quotedStart(id)}`)
    }
    this.#open.delete(id)
    this.#acknowledged.delete(this.#prefixes.get(id) ?? '')
    this.#prefixes.delete(id)
    this.#peer.subscriptions.delete(id)
    subscription.end()
  }

  /** Acts on an ACK or NACK. @throws StompRefusal */
  settle(frame: StompFrame, version: StompVersion): void {
    const { subscription, name } = this.find(frame, version)
    if (frame.command === 'ACK') subscription.acknowledge(name)
    else subscription.refuse(name)
  }

  /** Returns the message that an ACK or NACK is about. @throws StompRefusal if there is none */
  find(
    { command, headers }: StompFrame,
    version: StompVersion,
  ): { subscription: AcknowledgedSubscription; name: string } {
    const name = version === '1.2' ? headers['id'] : headers['message-id']
    if (name === undefined) {
      throw new StompRefusal(
        'invalid_request',
        `expected ${command} to have a header ${version === '1.2' ? 'id' : 'message-id'}`,
      )
    }
    const subscription = this.#subscriptionOf(name, headers, version)
    if (subscription === undefined || !(subscription.has(name) || subscription.hadOnce(name))) {
      throw new StompRefusal('invalid_request', `no unacknowledged message is called ${quotedStart(name)}`)
    }
    return { subscription, name }
  }

  end(): void {
    for (const subscription of this.#open.values()) subscription.end()
    this.#open.clear()
    this.#acknowledged.clear()
  }

  #subscriptionOf(name: string, headers: StompHeaders, version: StompVersion): AcknowledgedSubscription | undefined {
    if (version === '1.2') return this.#acknowledged.get(name.slice(0, name.indexOf('-')))
    const id = headers['subscription']
    if (id !== undefined) return this.#acknowledged.get(this.#prefixes.get(id) ?? '')
    // Version 1.0 names the message alone.
    for (const each of this.#acknowledged.values()) if (each.has(name)) return each
    return undefined
  }

  #follow(request: SubscriptionRequest, mode: Exclude<AckMode, 'auto'>): AcknowledgedSubscription {
    const prefix = String((this.#opened += 1))
    const options = { request, mode, prefix, onFailure: this.#onFailure }
    const subscription =
      request.destination.kind === 'room'
        ? new AcknowledgedRoom(this.#dependencies, options)
        : new AcknowledgedStream(this.#dependencies, options)
    this.#acknowledged.set(prefix, subscription)
    this.#prefixes.set(request.id, prefix)
    return subscription
  }
}

function modeOf(written = 'auto'): AckMode {
  const mode = ackModes.find(each => each === written)
  if (mode !== undefined) return mode
  throw new StompRefusal('invalid_request', `ack: expected one of ${ackModes.join(', ')}, got ${quotedStart(written)}`)
}

function startOf(written = 'latest'): StartPoint {
  if (written === 'latest' || written === 'earliest') return written
  throw new StompRefusal('invalid_request', `from: expected latest or earliest, got ${quotedStart(written)}`)
}
