import type { Dispatcher } from 'undici'
import { textOf, unpacked } from '../client/message/content.ts'

/** Larger than the ledger of the largest run. */
const MOST_BYTES = 32 * 1024 * 1024

/**
 * The text of an answer that is not part of the load. It ends with the request's signal, however slowly it comes.
 * @throws Error when it is too long, or cannot be unpacked.
 */
export async function answerText(
  { headers, body }: Pick<Dispatcher.ResponseData, 'headers' | 'body'>,
  mostBytes = MOST_BYTES,
): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  // Leaving the loop closes the connection.
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > mostBytes) throw new Error(`expected an answer of at most ${mostBytes} bytes, got more`)
    chunks.push(chunk)
  }
  return textOf(unpacked(Buffer.concat(chunks), headers, mostBytes), headers)
}
