import type { Clock } from '../../core/clock.ts'
import type { Link, LinkEnd, MessageCodec } from './link.ts'
import { OutgoingPackets, type Outgoing } from './outgoing-packets.ts'
import { decodePacket, encodePacket, type Packet, PACKET_BYTES } from './packets.ts'

/** Carries packets to the other side. It may lose, repeat or delay them, while it is cut. */
export interface PacketWire {
  /** Never throws. */
  send(packet: Uint8Array): void
  /** Passes on each packet, and tells when the wire is whole again after a cut. */
  receive(receiver: { packet: (bytes: Uint8Array) => void; healed: () => void }): void
  close(): void
}

export interface ReliableLinkOptions<Sent, Received> {
  clock: Clock
  codec: MessageCodec<Sent, Received>
  /** Largest packet that the wire carries. */
  mostPacketBytes: number
  /** The other side is lost after this time without a packet. */
  lostAfterMs: number
  /** Limit of what waits for the other side; default many seconds of the largest intervals. */
  mostWaitingBytes?: number
}

const ALIVE_EVERY_MS = 1000
const LOOK_EVERY_MS = 250
const STALLED_AFTER_MS = 1000
const MOST_WAITING_BYTES = 256 * 1024 * 1024
/** Limit of a message that comes in parts. */
const MOST_MESSAGE_BYTES = 256 * 1024 * 1024

/**
 * A link over a wire that may lose and repeat packets. Each side keeps what it sent until the other confirms it, and sends it again
 * if need be. Whatever comes twice is passed on once. So the wire may be cut and healed, and whatever carries it may be restarted.
 */
export class ReliableLink<Sent, Received> implements Link<Sent, Received> {
  readonly ended: Promise<LinkEnd>
  readonly #wire: PacketWire
  readonly #options: ReliableLinkOptions<Sent, Received>
  readonly #outgoing = new OutgoingPackets()
  readonly #over = new AbortController()
  readonly #resolve: (end: LinkEnd) => void
  #receiver: ((message: Received) => void) | undefined
  /** Messages that came before there was a receiver. */
  readonly #early: Received[] = []
  /** The end of a link whose last messages nobody has received yet. */
  #pendingEnd: LinkEnd | undefined
  #parts: Uint8Array[] = []
  #partBytes = 0
  #received = 0
  #heardAt: number
  #saidAt = 0
  #isClosing = false
  #mustConfirm = false

  constructor(wire: PacketWire, options: ReliableLinkOptions<Sent, Received>) {
    this.#wire = wire
    this.#options = options
    this.#heardAt = options.clock.now()
    const { promise, resolve } = Promise.withResolvers<LinkEnd>()
    this.ended = promise
    this.#resolve = resolve
    wire.receive({
      packet: bytes => this.#take(bytes),
      healed: () => this.#sendAll(this.#outgoing.takeAgain(this.#now)),
    })
    void this.#look()
  }

  send(message: Sent): void {
    if (this.#isClosing || this.#over.signal.aborted) return
    const bytes = Buffer.from(this.#options.codec.encode(message))
    const most = this.#options.mostPacketBytes - PACKET_BYTES
    for (let from = 0; from === 0 || from < bytes.length; from += most) {
      const isLast = from + most >= bytes.length
      this.#outgoing.add({ kind: 'part', isLast, bytes: bytes.subarray(from, from + most) })
    }
    this.#sendAll(this.#outgoing.takeNew(this.#now))
    const { mostWaitingBytes = MOST_WAITING_BYTES } = this.#options
    if (this.#outgoing.bytes > mostWaitingBytes) this.#lose('it takes what it is sent too slowly')
  }

  receive(receiver: (message: Received) => void): void {
    this.#receiver = receiver
    for (const message of this.#early.splice(0)) receiver(message)
    if (this.#pendingEnd !== undefined) this.#resolve(this.#pendingEnd)
  }

  close(): void {
    this.#close(closedHere)
  }

  /** Closes the link as lost, for a reason that the other side is told. */
  abandon(detail: string): void {
    this.#close({ state: 'lost', detail })
  }

  #close(end: LinkEnd): void {
    if (this.#isClosing || this.#over.signal.aborted) return
    this.#isClosing = true
    this.#outgoing.add({ kind: 'close', bytes: Buffer.from(JSON.stringify(end)) })
    this.#sendAll(this.#outgoing.takeNew(this.#now))
  }

  #end(end: LinkEnd): void {
    if (this.#over.signal.aborted) return
    this.#over.abort()
    // The last confirmation goes out first.
    queueMicrotask(() => this.#wire.close())
    if (this.#receiver !== undefined || this.#early.length === 0) this.#resolve(end)
    else this.#pendingEnd = end
  }

  get #now(): number {
    return this.#options.clock.now()
  }

  /** Sends again what is not confirmed, tells the other side that this one lives, and notices when the other does not. */
  async #look(): Promise<void> {
    const { clock, lostAfterMs } = this.#options
    let lookedAt = this.#now
    while (!this.#over.signal.aborted) {
      await clock.sleep(LOOK_EVERY_MS, this.#over.signal)
      if (this.#over.signal.aborted) return
      const now = this.#now
      // While this process stood still, it could hear nothing.
      this.#heardAt += Math.max(0, now - lookedAt - STALLED_AFTER_MS)
      lookedAt = now
      const silentMs = now - this.#heardAt
      if (silentMs >= lostAfterMs) {
        this.#lose(`nothing came from it for ${Math.round(silentMs / 1000)} s`)
        return
      }
      this.#sendAll(this.#outgoing.takeOverdue(now))
      if (now - this.#saidAt >= ALIVE_EVERY_MS) this.#confirm()
    }
  }

  #lose(detail: string): void {
    // Nobody may wait for the other side, also when this one had closed the link already.
    this.#end(this.#isClosing ? closedHere : { state: 'lost', detail })
  }

  #sendAll(packets: readonly Outgoing[]): void {
    for (const packet of packets) this.#say({ ...packet, received: this.#received })
  }

  #say(packet: Packet): void {
    this.#saidAt = this.#now
    this.#wire.send(encodePacket(packet))
  }

  #confirm(): void {
    this.#mustConfirm = false
    this.#say({ kind: 'alive', received: this.#received })
  }

  #take(bytes: Uint8Array): void {
    const packet = decodePacket(bytes)
    if (packet === undefined || this.#over.signal.aborted) return
    const now = this.#now
    this.#heardAt = now
    this.#outgoing.receivedUpTo(packet.received, now)
    if (packet.kind !== 'alive') this.#takeNumbered(packet)
    this.#sendAll(this.#outgoing.takeNew(now))
    if (this.#isClosing && this.#outgoing.isEmpty) this.#end(closedHere)
  }

  #takeNumbered(packet: Exclude<Packet, { kind: 'alive' }>): void {
    this.#confirmSoon()
    // A repeated packet, or one behind a lost one, which comes again.
    if (packet.sequence !== this.#received + 1) return
    this.#received = packet.sequence
    if (packet.kind === 'close') {
      this.#confirm()
      this.#end(endIn(packet.bytes))
      return
    }
    // A copy, because a wire may use its buffer again.
    this.#parts.push(packet.bytes.slice())
    this.#partBytes += packet.bytes.length
    if (this.#partBytes > MOST_MESSAGE_BYTES) this.#lose(`it sent a message of more than ${MOST_MESSAGE_BYTES} bytes`)
    else if (packet.isLast) this.#passOn()
  }

  #passOn(): void {
    const text = Buffer.concat(this.#parts).toString('utf8')
    this.#parts = []
    this.#partBytes = 0
    let message: Received
    try {
      message = this.#options.codec.decode(text)
    } catch (error) {
      this.#lose(`it sent a message that cannot be understood: ${(error as Error).message}`)
      return
    }
    if (this.#receiver === undefined) this.#early.push(message)
    else this.#receiver(message)
  }

  /** Confirms all packets of one turn at once. */
  #confirmSoon(): void {
    if (this.#mustConfirm) return
    this.#mustConfirm = true
    queueMicrotask(() => {
      if (this.#mustConfirm && !this.#over.signal.aborted) this.#confirm()
    })
  }
}

const closedHere: LinkEnd = { state: 'closed', detail: 'it was closed' }

function endIn(bytes: Uint8Array): LinkEnd {
  try {
    const { state, detail } = JSON.parse(Buffer.from(bytes).toString('utf8')) as Record<string, unknown>
    return { state: state === 'lost' ? 'lost' : 'closed', detail: String(detail) }
  } catch {
    return { state: 'lost', detail: 'it ended without a reason' }
  }
}
