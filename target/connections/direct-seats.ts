import type { Duplex } from 'node:stream'
import { directly, isFree, type SocketHandle, writeDirectly, type WriteState } from '../../core/direct-write.ts'
import type { Encoding, WireGate, Wire } from './wire.ts'

/**
 * The sockets of the seats of an audience, by seat. A write to thousands of them mostly waits for memory, so what it needs lies here in rows,
 * and no other object of a connection is touched. Sockets that cannot be written to past their streams are not here.
 */
export class DirectSeats {
  readonly #sockets: (Duplex | undefined)[] = []
  readonly #handles: (SocketHandle | undefined)[] = []
  readonly #states: (WriteState | undefined)[] = []
  readonly #gates: (WireGate | undefined)[] = []
  readonly #encodings: (Encoding | undefined)[] = []

  /** Puts the socket of a wire into a seat, if it can be written to past its stream and is not there. */
  place(seat: number, { socket, gate, encoding }: Wire): void {
    if (this.#handles[seat] !== undefined) return
    const direct = directly(socket)
    if (direct !== undefined) this.#set(seat, socket, direct.handle, direct.state, gate, encoding)
  }

  /** Adds a seat at the end. */
  push(wire: Wire): void {
    this.#set(this.#sockets.length)
    this.place(this.#sockets.length - 1, wire)
  }

  /** Removes the last seat. */
  pop(): void {
    this.#sockets.pop()
    this.#handles.pop()
    this.#states.pop()
    this.#gates.pop()
    this.#encodings.pop()
  }

  move(from: number, to: number): void {
    this.#set(
      to,
      this.#sockets[from],
      this.#handles[from],
      this.#states[from],
      this.#gates[from],
      this.#encodings[from],
    )
  }

  /**
   * Writes to the seats below the end, from the last one down. It stops before a socket that is not here, that has another encoding, or
   * whose stream is not free; and after one of which the kernel did not take all bytes.
   * @returns the lowest seat written to; `end` if there is none
   */
  write(end: number, encoding: Encoding, bytes: Buffer): number {
    for (let seat = end - 1; seat >= 0; seat -= 1) {
      const handle = this.#handles[seat]
      if (handle === undefined || this.#encodings[seat] !== encoding) return seat + 1
      const gate = this.#gates[seat]
      if (gate !== undefined && gate.readyState !== gate.OPEN) return seat + 1
      if (!isFree(this.#states[seat]!)) return seat + 1
      if (!writeDirectly(this.#sockets[seat]!, handle, bytes)) return seat
    }
    return 0
  }

  #set(
    seat: number,
    socket?: Duplex,
    handle?: SocketHandle,
    state?: WriteState,
    gate?: WireGate,
    encoding?: Encoding,
  ): void {
    this.#sockets[seat] = socket
    this.#handles[seat] = handle
    this.#states[seat] = state
    this.#gates[seat] = gate
    this.#encodings[seat] = encoding
  }
}
