import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import type { EarlyEnd, Pace } from '../faults/request/faulted-exchange.ts'
import { http2StreamOf, whenWritten } from './http2-exchange.ts'
import type { RequestExchange } from './request-exchange.ts'

/** Chunk size of bodies that are complete in memory, where a fault acts between chunks. */
export const CHUNK_BYTES = 16_384

export interface FaultyBodyOptions {
  body: Buffer | Readable
  exchange: Pick<RequestExchange, 'bytesOut' | 'headLeft' | 'onGone' | 'reset' | 'close' | 'markCut'>
  /** Where it ends early. */
  end: EarlyEnd | undefined
  /** Delays every chunk except the first. Resolves to false if the client leaves. */
  betweenChunks: (() => Promise<boolean>) | undefined
  /** Starts the pace of the body. */
  dribble: (() => Pace) | undefined
  waitUntil: (dueAt: number) => Promise<boolean>
}

/**
 * A body that faults slow down or end early. It writes itself to the response and counts its bytes, because `pipe` neither
 * reports when bytes were written nor ends early.
 */
export class FaultyBody extends Readable {
  readonly #options: FaultyBodyOptions
  /** Whether the source ended before the fault could end it. */
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
    // After everything was written, because a RST discards what the socket still holds.
    else if (end.how === 'reset') afterWrites(response, () => exchange.reset())
    else if (http2StreamOf(response) !== undefined) response.end()
    else {
      // The answer looks complete, but the connection ends with it, and so do later requests on it.
      response.once('finish', () => exchange.markCut())
      response.end()
    }
  }

  /** Resolves to true once the earlier requests on the connection have been answered, or to false if the client leaves. */
  #hasTurn(response: ServerResponse): Promise<boolean> {
    return response.socket === null ? this.#until('socket', response) : Promise.resolve(true)
  }

  /** Resolves to true at an event of the response, or to false if the client leaves before it. */
  #until(event: 'socket' | 'drain', response: ServerResponse): Promise<boolean> {
    const { exchange } = this.#options
    return new Promise(resolve => {
      const leave = () => resolve(false)
      exchange.onGone = leave
      response.once(event, () => {
        exchange.onGone = undefined
        resolve(true)
      })
    })
  }

  /** Returns false if the client leaves. */
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

  /** Writes a piece and waits until there is room for more. Returns false if the client leaves. */
  async #write(piece: Buffer, response: ServerResponse): Promise<boolean> {
    const { exchange } = this.#options
    exchange.bytesOut += piece.length
    const hasRoom = response.write(piece)
    exchange.headLeft ||= response.socket?.errored === null
    return hasRoom || this.#until('drain', response)
  }
}

function afterWrites(response: ServerResponse, done: () => void): void {
  const stream = http2StreamOf(response)
  if (stream === undefined) response.socket?.write('', done)
  else whenWritten(stream, done)
}

function* chunksOf(bytes: Buffer, chunkBytes: number): Iterable<Buffer> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes)
}
