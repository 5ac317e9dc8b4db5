import type { StompVersion } from '../../../contract/stomp/version.ts'
import type { Peer } from '../../sockets/endpoint.ts'
import { deliveryOf, type MessageContent } from './message-encoder.ts'
import { StompRefusal } from './refusal.ts'
import type { StompDependencies, OpenSubscription, SubscriptionRequest } from './subscription.ts'
import { AcknowledgementWindow, type Unacknowledged } from './unacknowledged.ts'

/** Where messages that were refused too often go. */
const DEAD_LETTERS = 'dead-letters'

export interface AcknowledgedOptions {
  request: SubscriptionRequest
  mode: 'client' | 'client-individual'
  /** Prefix of the names of its acknowledgements. */
  prefix: string
  /** Called when the connection cannot go on. */
  onFailure: (refusal: StompRefusal) => void
}

/**
 * A subscription whose messages the client acknowledges. At most `stomp.window` of them are out; what comes meanwhile waits where it is
 * kept anyway, and is pulled once there is room.
 */
export abstract class AcknowledgedSubscription implements OpenSubscription {
  protected readonly dependencies: StompDependencies
  protected readonly request: SubscriptionRequest
  protected readonly peer: Peer
  protected readonly version: StompVersion
  readonly #options: AcknowledgedOptions
  readonly #window: AcknowledgementWindow
  #names = 0
  #isPulling = false
  #isOver = false

  constructor(dependencies: StompDependencies, options: AcknowledgedOptions) {
    this.dependencies = dependencies
    this.#options = options
    this.request = options.request
    this.peer = options.request.peer
    this.version = options.request.version
    this.#window = new AcknowledgementWindow(dependencies.memory)
  }

  /** Returns the next message, and moves on; undefined if there is none yet. */
  protected abstract next(): MessageContent | undefined

  /** Leaves the stream or room. */
  protected abstract leave(): void

  abstract start(): void

  has(name: string): boolean {
    return this.#window.has(name)
  }

  /** Whether a delivery had this name once: what comes twice, because of a fault or an impatient client, changes nothing. */
  hadOnce(name: string): boolean {
    if (this.version !== '1.2') return false
    const ordinal = Number(name.slice(this.#options.prefix.length + 1))
    return Number.isInteger(ordinal) && ordinal > 0 && ordinal <= this.#names
  }

  /** @throws StompRefusal */
  acknowledge(name: string): void {
    this.#take(name)
    this.pull()
  }

  /** Delivers refused messages again, or gives them up. @throws StompRefusal */
  refuse(name: string): void {
    const { redeliveries } = this.dependencies.settings.current.stomp
    for (const message of this.#take(name)) {
      const refusals = message.refusals + 1
      if (refusals > redeliveries) this.#bury(message, refusals)
      else this.#deliver({ content: message.content, refusals })
    }
    this.pull()
  }

  end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.leave()
    this.#window.clear()
  }

  /** Delivers while there is room. Never throws, because it may run on behalf of another client. */
  protected pull(): void {
    // A delivery may close the connection, or have others publish.
    if (this.#isPulling) return
    this.#isPulling = true
    while (!this.#isOver && this.#window.size < this.dependencies.settings.current.stomp.window) {
      const content = this.next()
      if (content === undefined) break
      this.#deliver({ content, refusals: 0 })
    }
    this.#isPulling = false
  }

  #deliver(message: Unacknowledged): void {
    if (this.#isOver) return
    const { content, refusals } = message
    const ack = `${this.#options.prefix}-${(this.#names += 1)}`
    const name = this.version === '1.2' ? ack : content.id
    if (!this.#window.tryAdd(name, message)) {
      return this.#options.onFailure(
        new StompRefusal('memory_exhausted', 'no memory is left for unacknowledged messages'),
      )
    }
    const headers = {
      ...(this.version === '1.2' && { ack }),
      ...(refusals > 0 && { redelivered: 'true' as const, 'delivery-attempt': String(refusals + 1) }),
    }
    this.peer.connection.enqueue(deliveryOf(content, this.request.id, this.version, headers))
  }

  #take(name: string): Unacknowledged[] {
    return this.#window.take(name, this.#options.mode === 'client')
  }

  #bury({ content }: Unacknowledged, refusals: number): void {
    const { id, body, destination } = content
    const text = JSON.stringify({ id, destination, refusals, text: body })
    const { tenant } = this.peer.exchange
    this.dependencies.hall.say({ tenant, channel: DEAD_LETTERS, written: DEAD_LETTERS, text, sender: undefined })
  }
}
