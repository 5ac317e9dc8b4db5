import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { describe, expect, it, onTestFinished } from 'vitest'
import { FaultyBody, type FaultyBodyOptions } from '../../../../target/http/faulty-body.ts'
import { rawExchange } from '../../../support/raw-exchange.ts'
import { bareExchange } from '../faults/request/support.ts'

const CHUNKS = ['a'.repeat(10), 'b'.repeat(10), 'c'.repeat(10)]

/** A body streamed in three chunks, as a client sees it and as it was counted. */
async function streamed(options: Partial<FaultyBodyOptions>) {
  const exchange = { ...bareExchange(), close() {}, markCut() {} }
  const source = Readable.from(CHUNKS.map(chunk => Buffer.from(chunk)))
  let response: ServerResponse | undefined
  const server = createServer((_request: IncomingMessage, answer) => {
    response = answer
    exchange.reset = () => answer.socket?.resetAndDestroy()
    exchange.close = () => answer.socket?.destroySoon()
    const nothing = { end: undefined, betweenChunks: undefined, dribble: undefined }
    new FaultyBody({ body: source, exchange, ...nothing, waitUntil: () => Promise.resolve(true), ...options }).pipe(
      answer,
    )
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const answer = await rawExchange((server.address() as AddressInfo).port, '/')
  return { answer, exchange, source, finished: response?.writableFinished }
}

const LAST_CHUNK = '\r\n0\r\n\r\n'

describe('a body in chunks of unknown length', () => {
  it('is unchanged without a fault', async () => {
    const { answer, exchange, finished } = await streamed({})
    expect(answer.body).toBe(`${CHUNKS.map(chunk => `a\r\n${chunk}`).join('\r\n')}${LAST_CHUNK}`)
    expect({ bytesOut: exchange.bytesOut, finished, errorCode: answer.errorCode }).toEqual({
      bytesOut: 30,
      finished: true,
      errorCode: undefined,
    })
  })

  it.each([
    ['close', undefined, false],
    ['end', undefined, true],
    ['reset', 'ECONNRESET', false],
  ] as const)('stops short: %s', async (how, errorCode, looksComplete) => {
    const { answer, exchange, finished } = await streamed({ end: { afterBytes: 15, how } })
    expect(answer.body.startsWith(`a\r\n${CHUNKS[0]}\r\n5\r\nbbbbb`)).toBe(true)
    expect(answer.body).not.toContain('bbbbbb')
    expect({ errorCode: answer.errorCode, endsWithLASTCHUNK: answer.body.endsWith(LAST_CHUNK), finished }).toEqual({
      errorCode,
      endsWithLASTCHUNK: looksComplete,
      finished: looksComplete,
    })
    expect(exchange.bytesOut).toBe(15)
  })

  it('ends normally if it is shorter than the fault’s limit', async () => {
    const { answer, finished } = await streamed({ end: { afterBytes: 31, how: 'close' } })
    expect({ endsWithLASTCHUNK: answer.body.endsWith(LAST_CHUNK), finished }).toEqual({
      endsWithLASTCHUNK: true,
      finished: true,
    })
  })

  it('waits before each chunk but the first', async () => {
    let waits = 0
    const betweenChunks = () => {
      waits += 1
      return Promise.resolve(true)
    }
    const { exchange } = await streamed({ betweenChunks })
    expect({ waits, bytesOut: exchange.bytesOut }).toEqual({ waits: 2, bytesOut: 30 })
  })

  it('is released at once when the client leaves', async () => {
    const source = Readable.from(CHUNKS)
    const body = new FaultyBody({
      body: source,
      exchange: { ...bareExchange(), close() {}, markCut() {} },
      end: undefined,
      betweenChunks: undefined,
      dribble: undefined,
      waitUntil: () => Promise.resolve(false),
    })
    body.destroy()
    await once(body, 'close')
    expect(source.destroyed).toBe(true)
  })
})
