/** Headers of a frame. Of repeated ones, the first counts. */
export type StompHeaders = Readonly<Record<string, string>>

/** A frame of STOMP as it was read. */
export class StompFrame {
  readonly command: string
  readonly headers: StompHeaders
  /** The body as it came. */
  readonly bytes: Buffer

  constructor(command: string, headers: StompHeaders, bytes: Buffer) {
    this.command = command
    this.headers = headers
    this.bytes = bytes
  }

  /** The body as text. */
  get body(): string {
    return this.bytes.toString()
  }
}
