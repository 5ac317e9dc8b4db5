import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import type { EarlyEnd, Pace } from '../faults/request/faulted-exchange.ts'
import type { RequestExchange } from './request-exchange.ts'

/** Bodies that are there as a whole go in chunks of this size, where chunks matter. */
export const CHUNK_BYTES = 16_384

export interface FaultyBodyOptions {
  body: Buffer | Readable
  exchange: Pick<RequestExchange, 'bytesOut' | 'headLeft' | 'onGone' | 'reset' | 'close' | 'markCut'>
  /** Where it stops short. */
  end: EarlyEnd | undefined
  /** Holds back every chunk but the first; false when the client is gone. */
  betweenChunks: (() => Promise<boolean>) | undefined
  /** Its pace counts from when it is called. */
  dribble: (() => Pace) | undefined
  waitUntil: (dueAt: number) => Promise<boolean>
}

/**
 * A body on its way out that faults slow down or cut short. It writes itself to the response, and counts what it writes: who
 * pipes a stream knows neither when its bytes are through nor how to end with less.
 */
export class FaultyBody extends Readable {
  readonly #options: FaultyBodyOptions
  /** The source was over before the fault had ended it. */
  #isWhole = false

  constructor(options: FaultyBodyOptions) {
    super()
    this.#options = options
  }

  override _read(): void {}

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const { body } = this.#options
    if (!Buffer.isBuffer(body)) body.destroy()
    done(error)
  }

  override pipe<T extends NodeJS.WritableStream>(destination: T): T {
    const response = destination as unknown as ServerResponse
    this.#writeTo(response).catch(() => response.destroy())
    return destination
  }

  async #writeTo(response: ServerResponse): Promise<void> {
    const { end, exchange } = this.#options
    if (!(await this.#hasTurn(response))) return
    response.flushHeaders()
    const dribble = this.#options.dribble?.()
    if (!(await this.#writePieces(response, dribble))) return
    dribble?.over()
    // Marks the stream as ended: closing it from here on is not an error.
    this.push(null)
    this.resume()
    await once(this, 'end')
    if (end === undefined || this.#isWhole) response.end()
    else if (end.how === 'close') exchange.close()
    // Behind what was written: a RST takes with it what the socket still holds.
    else if (end.how === 'reset') response.socket?.write('', () => exchange.reset())
    else {
      // The answer is one like any other; what its client sent behind it goes with the connection.
      response.once('finish', () => exchange.markCut())
      response.end()
    }
  }

  /** True once all that was asked over the connection before is answered; false when the client left. */
  #hasTurn(response: ServerResponse): Promise<boolean> {
    const { exchange } = this.#options
    if (response.socket !== null) return Promise.resolve(true)
    return new Promise(resolve => {
      exchange.onGone = () => resolve(false)
      response.once('socket', () => {
        exchange.onGone = undefined
        resolve(true)
      })
    })
  }

  /** False when the client left. */
  async #writePieces(response: ServerResponse, dribble: Pace | undefined): Promise<boolean> {
    const { body, end, betweenChunks, waitUntil } = this.#options
    let restBytes = end?.afterBytes ?? Number.POSITIVE_INFINITY
    let isFirst = true
    for await (const chunk of Buffer.isBuffer(body) ? chunksOf(body, CHUNK_BYTES) : body) {
      if (restBytes === 0) return true
      if (!isFirst && betweenChunks !== undefined && !(await betweenChunks())) return false
      isFirst = false
      const bytes = Buffer.from(chunk as Uint8Array).subarray(0, restBytes)
      for (const piece of chunksOf(bytes, dribble?.pieceBytes ?? bytes.length)) {
        if (dribble !== undefined && !(await waitUntil(dribble.next(piece.length)))) return false
        if (!(await this.#write(piece, response))) return false
      }
      restBytes -= bytes.length
    }
    this.#isWhole = restBytes > 0
    return true
  }

  /** Goes on once the client has read so much that there is room for more. */
  async #write(piece: Buffer, response: ServerResponse): Promise<boolean> {
    const { exchange } = this.#options
    exchange.bytesOut += piece.length
    const hasRoom = response.write(piece)
    exchange.headLeft ||= response.socket?.errored === null
    if (hasRoom) return true
    return new Promise(resolve => {
      exchange.onGone = () => resolve(false)
      response.once('drain', () => {
        exchange.onGone = undefined
        resolve(true)
      })
    })
  }
}

function* chunksOf(bytes: Buffer, chunkBytes: number): Iterable<Buffer> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes)
}
