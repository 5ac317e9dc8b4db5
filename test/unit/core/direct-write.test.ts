import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { describe, expect, it, onTestFinished } from 'vitest'
import { writeTo } from '../../../core/direct-write.ts'

describe('Bytes that are written past the stream of a socket', () => {
  it('come in order, between bytes that are written through it', async () => {
    const { server, client } = await pair()
    const words = Array.from({ length: 50 }, (_, index) => `${index},`)
    for (const [index, word] of words.entries()) {
      if (index % 3 === 0) server.write(word)
      else writeTo(server, Buffer.from(word))
    }
    server.end()
    expect(await textOf(client)).toBe(words.join(''))
  })

  it('may be text, of which each character is one byte, and which comes in order and whole', async () => {
    const { server, client } = await pair()
    let block = 0
    const next = () => '\xe9'.repeat(199_999) + String(block++ % 10)
    while (server.writableLength === 0) writeTo(server, next())
    expect(server.writableLength).toBe(200_000)
    writeTo(server, 'text')
    writeTo(server, Buffer.from(' and bytes'))
    server.end()
    const text = await textOf(client, 'latin1')
    const blocks = Array.from({ length: block }, (_, index) => '\xe9'.repeat(199_999) + String(index % 10))
    expect(text === `${blocks.join('')}text and bytes`).toBe(true)
  })

  it('are not queued while the kernel takes them', async () => {
    const { server } = await pair()
    for (let n = 0; n < 10; n++) {
      writeTo(server, Buffer.from('word'))
      expect(server.writableLength).toBe(0)
    }
    expect(server.bytesWritten).toBe(40)
  })

  it('are counted by the stream once the client stops reading, drain when it reads again, and come in order', async () => {
    const { server, client } = await pair()
    let block = 0
    const next = () => Buffer.alloc(200_000, String(block++ % 10))
    while (server.writableLength === 0) writeTo(server, next())
    expect(server.writableLength).toBe(200_000)
    writeTo(server, next())
    expect(server.writableLength).toBe(400_000)
    const reading = textOf(client)
    await once(server, 'drain')
    expect(server.writableLength).toBe(0)
    writeTo(server, next())
    server.end()
    const digits = Array.from({ length: block }, (_, index) => String(index % 10).repeat(200_000))
    expect((await reading) === digits.join('')).toBe(true)
  })

  it('are counted by the stream if the kernel takes some of them only at its second attempt', async () => {
    const { server, client } = await pair()
    const { _handle: handle } = server as unknown as { _handle: object }
    // As the second attempt leaves it.
    Object.defineProperty(handle, 'writeQueueSize', { value: 0 })
    let bytes = 0
    for (let writes = 0; writes < 2 || server.writableLength === 0; writes += 1, bytes += 200_000) {
      writeTo(server, Buffer.alloc(200_000, 'x'))
    }
    server.end()
    expect((await textOf(client)).length).toBe(bytes)
  })

  it('come whole before the end of a socket that ends while some of them wait', async () => {
    const { server, client } = await pair()
    let bytes = 0
    for (; server.writableLength === 0; bytes += 200_000) writeTo(server, Buffer.alloc(200_000, 'x'))
    server.destroySoon()
    expect((await textOf(client)).length).toBe(bytes)
  })

  it('end the socket like others if its client has reset it while some of them wait', async () => {
    const { server, client } = await pair()
    while (server.writableLength === 0) writeTo(server, Buffer.alloc(200_000))
    const failed = once(server, 'error')
    client.resetAndDestroy()
    expect(((await failed)[0] as NodeJS.ErrnoException).code).toMatch(/ECONNRESET|EPIPE/)
    expect(server.destroyed).toBe(true)
    writeTo(server, Buffer.from('late'))
  })

  it('go through any stream that is no socket', () => {
    const stream = new PassThrough()
    writeTo(stream, Buffer.from('word'))
    writeTo(stream, '\xe9')
    expect((stream.read() as Buffer).toString('latin1')).toBe('word\xe9')
  })
})

/** Returns both ends of a connection. */
async function pair(): Promise<{ server: Socket; client: Socket }> {
  const listener = createServer().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const client = connect((listener.address() as AddressInfo).port, '127.0.0.1')
  const [server] = (await once(listener, 'connection')) as [Socket]
  onTestFinished(() => {
    listener.close()
    client.destroy()
    server.destroy()
  })
  client.on('error', () => {})
  return { server, client }
}

async function textOf(socket: Socket, encoding: BufferEncoding = 'utf8'): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString(encoding)
}
