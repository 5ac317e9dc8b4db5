import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { until } from './stream-client.ts'

export interface RawFrame {
  opcode: number
  payload: Buffer
}

export interface FrameOptions {
  opcode?: number
  isLast?: boolean
  isMasked?: boolean
  reservedBits?: number
  /** Bits of the length field; by default the fewest possible. */
  lengthBits?: 7 | 16 | 64
}

/** RFC 6455 §7.1.5: the code of an empty close frame. */
export const NO_CODE = 1005

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

/** RFC 6455 by hand, so that a test can break any of its rules. */
export class RawSocket {
  readonly socket: Socket
  #received: Buffer = Buffer.alloc(0)
  /** The head of the response to the handshake; '' until it is complete. */
  head = ''
  readonly frames: RawFrame[] = []
  /** The server ended its side, or the connection was cut. */
  ended = false

  /** Resolves once the socket is open. */
  static async open(port: number, path: string, headers: Record<string, string> = {}): Promise<RawSocket> {
    const socket = new RawSocket(port, handshake(path, headers))
    await until(() => socket.head !== '' || socket.ended)
    return socket
  }

  constructor(port: number, firstBytes: string) {
    this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    this.socket.on('error', () => {})
    this.socket.on('end', () => (this.ended = true))
    this.socket.on('close', () => (this.ended = true))
    this.socket.on('data', chunk => this.#read(chunk))
    this.socket.write(firstBytes)
  }

  get status(): number {
    return Number(/^HTTP\/1\.1 (\d{3})/.exec(this.head)?.[1] ?? 0)
  }

  /** Content of the server's close frame, or undefined. */
  get closeCode(): number | undefined {
    const frame = this.frames.find(({ opcode }) => opcode === opcodes.close)
    if (frame === undefined) return undefined
    return frame.payload.length === 0 ? NO_CODE : frame.payload.readUInt16BE(0)
  }

  get texts(): Record<string, unknown>[] {
    const texts = this.frames.filter(({ opcode }) => opcode === opcodes.text)
    return texts.map(({ payload }) => JSON.parse(payload.toString()) as Record<string, unknown>)
  }

  send(payload: string | Buffer, options: FrameOptions = {}): void {
    this.socket.write(frameOf(Buffer.from(payload), options))
  }

  async closed(): Promise<void> {
    if (!this.socket.closed) await once(this.socket, 'close')
  }

  #read(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk])
    if (this.head === '') {
      const end = this.#received.indexOf('\r\n\r\n')
      if (end === -1) return
      this.head = this.#received.toString('latin1', 0, end)
      this.#received = this.#received.subarray(end + 4)
    }
    if (this.status !== 101) return
    for (let frame = this.#nextFrame(); frame !== undefined; frame = this.#nextFrame()) this.frames.push(frame)
  }

  #nextFrame(): RawFrame | undefined {
    const bytes = this.#received
    const short = (bytes[1] ?? 0) & 0x7f
    const headBytes = short < 126 ? 2 : short === 126 ? 4 : 10
    if (bytes.length < headBytes) return undefined
    const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2))
    if (bytes.length < headBytes + length) return undefined
    this.#received = bytes.subarray(headBytes + length)
    return { opcode: (bytes[0] as number) & 0x0f, payload: bytes.subarray(headBytes, headBytes + length) }
  }
}

export function handshake(path: string, headers: Record<string, string> = {}): string {
  const all = {
    Host: 'localhost',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
  }
  return `GET ${path} HTTP/1.1\r\n${Object.entries(all)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n`
}

export function frameOf(
  payload: Buffer,
  { opcode = opcodes.text, isLast = true, isMasked = true, reservedBits = 0, lengthBits }: FrameOptions = {},
): Buffer {
  const { length } = payload
  const bits = lengthBits ?? (length < 126 ? 7 : length < 65_536 ? 16 : 64)
  const head = Buffer.alloc(bits === 7 ? 2 : bits === 16 ? 4 : 10)
  head[0] = (isLast ? 0x80 : 0) | (reservedBits << 4) | opcode
  head[1] = (isMasked ? 0x80 : 0) | (bits === 7 ? length : bits === 16 ? 126 : 127)
  if (head.length === 4) head.writeUInt16BE(length, 2)
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2)
  // A mask of zeros is valid and leaves the payload readable.
  return Buffer.concat([head, Buffer.alloc(isMasked ? 4 : 0), payload])
}
