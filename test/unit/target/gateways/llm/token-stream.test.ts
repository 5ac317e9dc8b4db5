import { PassThrough } from 'node:stream'
import { describe, expect, it, onTestFinished } from 'vitest'
import { TokenStream } from '../../../../../target/gateways/llm/token-stream.ts'

function opened(overrides: { unreadBytes?: number; hasRoom?: boolean } = {}) {
  const seen = { now: 0, sent: 0, ends: [] as boolean[] }
  const stream = new TokenStream({
    now: () => seen.now,
    limits: { unreadBytes: overrides.unreadBytes ?? 1000, unreadMs: 500 },
    reserve: () => overrides.hasRoom ?? true,
    onSent: tokens => (seen.sent += tokens),
    onEnd: isWhole => seen.ends.push(isWhole),
  })
  stream.on('error', () => {})
  onTestFinished(() => void stream.destroy())
  return { stream, seen }
}

const settled = () => new Promise(resolve => setImmediate(resolve))

describe('TokenStream', () => {
  it('hands over everything that was written to a client that reads, and ends whole', async () => {
    const { stream, seen } = opened()
    const client = stream.pipe(new PassThrough())
    for (const text of ['one', 'two', 'three']) stream.write(text, 1)
    stream.complete()
    const received = (await client.toArray()).join('')
    expect([received, seen.sent, seen.ends]).toEqual(['onetwothree', 3, [true]])
  })

  it('counts only what was handed over as sent', async () => {
    const { stream, seen } = opened()
    for (const text of ['one', 'two', 'three']) stream.write(text, 1)
    expect(seen.sent).toBe(0)
    stream.read(1)
    await settled()
    expect(seen.sent).toBeLessThan(3)
    stream.destroy()
    await settled()
    expect(seen.ends).toEqual([false])
  })

  it('cuts a client that has too many bytes unread', async () => {
    const { stream, seen } = opened({ unreadBytes: 10 })
    for (let count = 0; count < 5; count++) stream.write('token', 1)
    await settled()
    expect([stream.isCutForSlowness, seen.ends]).toEqual([true, [false]])
  })

  it('cuts a client when there is no memory for what it leaves unread', async () => {
    const { stream } = opened({ hasRoom: false })
    stream.write('token', 1)
    await settled()
    expect(stream.isCutForSlowness).toBe(true)
  })

  it('notices a client that has left its oldest token unread for too long', () => {
    const { stream, seen } = opened()
    expect(stream.isOverdue(10_000)).toBe(false)
    stream.write('token', 1)
    seen.now = 400
    stream.write('token', 1)
    expect([stream.isOverdue(500), stream.isOverdue(501)]).toEqual([false, true])
  })
})
