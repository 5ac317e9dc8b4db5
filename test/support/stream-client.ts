import { connect, type Socket } from 'node:net'

export interface ReadFrame {
  type: string
  /** The cursor; '' when the frame has none. */
  id: string
  data: Record<string, unknown>
}

export interface StreamClientOptions {
  headers?: Record<string, string>
  httpVersion?: '1.0' | '1.1'
  /** Whether to read at all. The size of the receive buffer is the system's. */
  paused?: boolean
}

/** A client on a raw socket whose reading and closing a test controls. */
export class StreamClient {
  readonly socket: Socket
  readonly #chunks: Buffer[] = []
  /** The frames in the first `chunks` chunks. They are kept, because tests ask often and parsing a long body takes a while. */
  #read: { chunks: number; frames: ReadFrame[] } = { chunks: 0, frames: [] }
  #ended = false
  #failed = false

  constructor(
    port: number,
    path: string,
    { headers = {}, httpVersion = '1.1', paused = false }: StreamClientOptions = {},
  ) {
    this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    this.socket.on('error', () => {
      this.#failed = true
    })
    this.socket.on('end', () => {
      this.#ended = true
      this.socket.end()
    })
    this.socket.on('data', chunk => this.#chunks.push(chunk))
    if (paused) this.socket.pause()
    const lines = Object.entries({ host: 'localhost', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
    this.socket.write(`GET ${path} HTTP/${httpVersion}\r\n${lines.join('')}\r\n`)
  }

  /** The server closed its side, and all it had sent was read. */
  get ended(): boolean {
    return this.#ended
  }

  get failed(): boolean {
    return this.#failed
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString()
  }

  get status(): number {
    return Number(/^HTTP\/1\.1 (\d{3})/.exec(this.text)?.[1] ?? 0)
  }

  get head(): string {
    return this.text.split('\r\n\r\n', 1)[0] as string
  }

  get isChunked(): boolean {
    return /transfer-encoding: chunked/i.test(this.head)
  }

  get body(): string {
    const raw = this.#rawBody()
    return this.isChunked ? unchunked(raw).payload : raw.toString()
  }

  /** The body came to its proper end, with the last chunk. */
  get isComplete(): boolean {
    return this.isChunked && unchunked(this.#rawBody()).complete
  }

  get frames(): readonly ReadFrame[] {
    if (this.#read.chunks < this.#chunks.length) {
      const { body } = this
      const frames = /application\/x-ndjson/.test(this.head) ? ndjsonFrames(body) : sseFrames(body)
      this.#read = { chunks: this.#chunks.length, frames }
    }
    return this.#read.frames
  }

  /** Frames that carry an event. */
  get events(): ReadFrame[] {
    return this.frames.filter(frame => 'event_id' in frame.data)
  }

  get eventIds(): unknown[] {
    return this.events.map(({ data }) => data['event_id'])
  }

  resume(): void {
    this.socket.resume()
  }

  /** Closes the client's own side, and reads on. */
  halfClose(): void {
    this.socket.end()
  }

  vanish(): void {
    this.socket.resetAndDestroy()
  }

  #rawBody(): Buffer {
    const all = Buffer.concat(this.#chunks)
    const headEnd = all.indexOf('\r\n\r\n')
    return headEnd === -1 ? Buffer.alloc(0) : all.subarray(headEnd + 4)
  }
}

function unchunked(raw: Buffer): { payload: string; complete: boolean } {
  const pieces: Buffer[] = []
  for (let at = 0; ; ) {
    const lineEnd = raw.indexOf('\r\n', at)
    const size = lineEnd === -1 ? Number.NaN : Number.parseInt(raw.toString('latin1', at, lineEnd), 16)
    if (size === 0) return { payload: Buffer.concat(pieces).toString(), complete: true }
    if (Number.isNaN(size) || lineEnd + 2 + size > raw.length) {
      return { payload: Buffer.concat(pieces).toString(), complete: false }
    }
    pieces.push(raw.subarray(lineEnd + 2, lineEnd + 2 + size))
    at = lineEnd + 2 + size + 2
  }
}

function sseFrames(body: string): ReadFrame[] {
  return body
    .split('\n\n')
    .slice(0, -1)
    .map(block => {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? ''
      return { type: field('event'), id: field('id'), data: JSON.parse(field('data') || '{}') as ReadFrame['data'] }
    })
    .filter(({ type }) => type !== '')
}

function ndjsonFrames(body: string): ReadFrame[] {
  return body
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line) as { event_type?: string; type?: string; cursor?: string })
    .map(data => ({ type: data.event_type ?? data.type ?? '', id: data.cursor ?? '', data }))
}

/** Waits until this holds, within the timeout of the test. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(resolve => setTimeout(resolve, 2))
}
