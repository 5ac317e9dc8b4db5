import type { Frame } from '../../connections/frame.ts'
import { eventNameIn, eventPacket, controlPacket } from './packet.ts'

/** Writes the frames of a WebSocket endpoint as events of a namespace. */
export class NamespaceEncoder {
  readonly #namespace: string
  #frame: Frame | undefined
  #packet: Frame | undefined

  constructor(namespace: string) {
    this.#namespace = namespace
  }

  /** The last packet is remembered, because all followers get a frame in turn. */
  packetOf(frame: Frame): Frame {
    if (this.#frame === frame) return this.#packet as Frame
    const { about, key } = frame
    const json = frame.bytes.toString('utf8', frame.bytes.length - frame.payloadBytes)
    const name = eventNameIn(json)
    this.#frame = frame
    return (this.#packet =
      about.kind === 'event'
        ? eventPacket(this.#namespace, name, json, { ...about, subscription: this.#namespace }, key)
        : controlPacket(this.#namespace, name, json))
  }
}
