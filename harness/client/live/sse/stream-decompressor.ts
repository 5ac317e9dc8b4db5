import type { Transform } from 'node:stream'
import { constants, createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib'
import type { ExchangeFailure } from '../../engine/failure.ts'

export interface DecompressorListener {
  data(chunk: Buffer): void
  /** Called to pause and to resume input. */
  pause(): void
  resume(): void
  /** Called once, when no more data follows. */
  end(failure: ExchangeFailure | undefined): void
}

const makers: Record<string, () => Transform> = {
  gzip: () => createGunzip({ flush: constants.Z_SYNC_FLUSH }),
  'x-gzip': () => createGunzip({ flush: constants.Z_SYNC_FLUSH }),
  deflate: () => createInflate({ flush: constants.Z_SYNC_FLUSH }),
  br: () => createBrotliDecompress({ flush: constants.BROTLI_OPERATION_FLUSH }),
  zstd: () => createZstdDecompress({ flush: constants.ZSTD_e_flush }),
}

export function canDecompress(codings: string[]): boolean {
  return codings.length === 1 && makers[codings[0] as string] !== undefined
}

/** Decompresses a stream as it arrives, because a proxy may compress it although nobody asked for that. */
export class StreamDecompressor {
  readonly #stream: Transform
  readonly #listener: DecompressorListener
  /** Failure of the connection, kept until its data is decompressed. */
  #failure: ExchangeFailure | undefined
  #ended = false

  /** @param codings that can be decompressed. */
  constructor(codings: string[], listener: DecompressorListener) {
    this.#listener = listener
    this.#stream = (makers[codings[0] as string] as () => Transform)()
    this.#stream.on('data', (chunk: Buffer) => {
      if (!this.#ended) listener.data(chunk)
    })
    this.#stream.on('drain', () => listener.resume())
    this.#stream.once('end', () => this.#end(undefined))
    this.#stream.once('error', ({ message }) =>
      this.#end({ reason: 'body', example: `the stream cannot be decompressed: ${message}` }),
    )
  }

  write(chunk: Buffer): void {
    // A copy, because it is decompressed later.
    if (!this.#ended && !this.#stream.write(Buffer.from(chunk))) this.#listener.pause()
  }

  /** Ends the input with the end of the connection. Data received until then is still decompressed. */
  finish(failure: ExchangeFailure | undefined): void {
    this.#failure = failure
    if (!this.#ended) this.#stream.end()
  }

  #end(failure: ExchangeFailure | undefined): void {
    if (this.#ended) return
    this.#ended = true
    this.#stream.destroy()
    this.#listener.end(this.#failure ?? failure)
  }
}
