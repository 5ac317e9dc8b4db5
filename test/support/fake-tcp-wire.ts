import { createServer, Socket } from 'node:net'
import { chunked } from '../../target/connections/http-wire.ts'
import type { Encoding, Wire } from '../../target/connections/wire.ts'

/** EPIPE */
const BROKEN = -32

/** Node's own request, which a handle keeps while its bytes wait. Writes past streams learn its class from any socket, for all of a process. */
interface WriteRequest {
  oncomplete?: () => void
}

const { WriteWrap } = (
  process as unknown as { binding(name: 'stream_wrap'): { WriteWrap: new () => WriteRequest } }
).binding('stream_wrap')

/** The part of Node's handle of a socket that writes use. */
interface FakeHandle {
  writeBuffer(request: WriteRequest, bytes: Buffer): number
  close(closed: () => void): void
}

/** A wire over a socket that looks like a TCP connection, so that writes go past its stream. The kernel is the test's. */
export class FakeTcpWire implements Wire {
  readonly encoding: Encoding
  readonly socket: Socket
  readonly gate = { readyState: 1, OPEN: 1 }
  readonly #kept: WriteRequest[] = []
  #takes = true
  #isBroken = false
  #keptLast = false

  /**
   * @param Tcp the class of Node's handles
   * @param onWrite receives everything that is handed to the kernel
   */
  constructor(Tcp: Function, highWaterMark: number, onWrite: (text: string) => void, encoding = chunked) {
    this.encoding = encoding
    const kernel: FakeHandle = {
      writeBuffer: (request, bytes) => {
        if (this.#isBroken) return BROKEN
        onWrite(bytes.toString())
        this.#keptLast = !this.#takes
        if (this.#keptLast) this.#kept.push(Object.assign(request, { getAsyncId: () => 1 }))
        return 0
      },
      close: closed => setImmediate(closed),
    }
    const like = Object.assign(Object.create(Tcp.prototype as object) as object, kernel)
    for (const count of ['bytesRead', 'bytesWritten']) Object.defineProperty(like, count, { value: 0 })
    const handle = Object.create(like) as FakeHandle
    this.socket = new Socket({ writableHighWaterMark: highWaterMark } as object)
    this.socket.on('error', () => {})
    Object.assign(this.socket, {
      _handle: handle,
      _writev: null,
      _write: (bytes: Buffer, _encoding: string, done: (error?: Error) => void) => {
        const request = new WriteWrap()
        request.oncomplete = () => done()
        if (handle.writeBuffer(request, bytes) !== 0) done(new Error('EPIPE'))
        else if (!this.#keptLast) done()
      },
    })
  }

  get isOpen(): boolean {
    return this.gate.readyState === this.gate.OPEN
  }

  end(): void {}

  /** Begins to close, as when a client sends a close frame. */
  leave(): void {
    this.gate.readyState = 2
  }

  stall(): void {
    this.#takes = false
  }

  drain(): void {
    this.#takes = true
    for (const { oncomplete } of this.#kept.splice(0)) oncomplete?.()
  }

  vanish(): void {
    this.socket.destroy()
  }

  /** Lets all further writes fail, as if the client had reset the connection. */
  break(): void {
    this.#isBroken = true
  }
}

/** Returns the class of Node's handles, of which the types say nothing. */
export async function classOfHandles(): Promise<Function> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { constructor } = (server as unknown as { _handle: object })._handle
  server.close()
  return constructor
}
