import { type FrameScanner, scannerOf } from '../../../delivery/frame-scanner.ts'
import type { ParsedFrame } from '../../../delivery/graphql-payload.ts'
import { SocketDelivery, type SocketDeliveryOptions } from '../../../delivery/socket-delivery.ts'

/** The events in the frames of one socket and its replacements. They are counted and checked whether or not the scenario takes the frames. */
export class SocketEvents {
  readonly #options: SocketDeliveryOptions
  /** Shared by all sockets whose frames are alike, so that it holds the fields of a frame only until the next one of any socket. */
  readonly #scanner: FrameScanner | undefined
  /** Created with the first frame, because many sockets stay idle. */
  #delivery: SocketDelivery | undefined

  constructor(options: SocketDeliveryOptions) {
    this.#options = options
    this.#scanner = scannerOf(options.frames)
  }

  /** Reads a frame without parsing it. Returns its type; undefined for a frame that needs a parser. */
  scan(chunk: Buffer, start: number, end: number): string | undefined {
    return this.#scanner?.scan(chunk, start, end) ? this.#scanner.type : undefined
  }

  /** Accounts for the frame that `scan` has just read. */
  countScanned(): void {
    this.#begun().scanned(this.#scanner!)
  }

  /** Accounts for a parsed frame. A server may send any value. */
  count(content: unknown): void {
    if (typeof content === 'object' && content !== null) this.#begun().received(content as ParsedFrame)
  }

  end(): void {
    this.#delivery?.end()
  }

  #begun(): SocketDelivery {
    return (this.#delivery ??= new SocketDelivery(this.#options))
  }
}
