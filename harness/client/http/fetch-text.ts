import type { EngineExchange, ExchangeListener, ResponseHeaders } from '../engine/engine.ts'
import type { ExchangeFailure } from '../engine/failure.ts'
import { textOf, decompressed } from '../message/content.ts'

/** Larger than the ledger of the largest run. */
const MOST_BYTES = 32 * 1024 * 1024

/** A request outside the load received no response. */
export class NoResponse extends Error {
  readonly failure: ExchangeFailure

  constructor(failure: ExchangeFailure) {
    super(failure.example)
    this.failure = failure
  }
}

/**
 * Sends a request that is not part of the load, and resolves with the whole response.
 * @param send sends the request with an engine.
 * @throws NoResponse, or the reason of the signal, or an Error when the response is too long or cannot be decompressed.
 */
export function fetchText(
  send: (listener: ExchangeListener) => EngineExchange,
  { mostBytes = MOST_BYTES, signal }: { mostBytes?: number; signal?: AbortSignal } = {},
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let status = 0
    let headers: ResponseHeaders = {}
    let bytes = 0
    const giveUp = (error: Error) => {
      exchange.abort()
      reject(error)
    }
    const exchange = send({
      onSend() {},
      onHead(answeredStatus, head) {
        status = answeredStatus
        headers = head.headers
      },
      onData(chunk) {
        bytes += chunk.length
        if (bytes > mostBytes) giveUp(new Error(`expected a response of at most ${mostBytes} bytes, got more`))
        else chunks.push(Buffer.from(chunk))
      },
      onEnd() {
        try {
          resolve({ status, text: textOf(decompressed(Buffer.concat(chunks), headers, mostBytes), headers) })
        } catch (error) {
          reject(error)
        }
      },
      onFailure(failure) {
        reject(new NoResponse(failure))
      },
    })
    if (signal?.aborted) giveUp(signal.reason as Error)
    signal?.addEventListener('abort', () => giveUp(signal.reason as Error))
  })
}
