import type { ChildProcess } from 'node:child_process'
import { type Link, type LinkEnd, MalformedMessage, type MessageCodec } from './link.ts'

/** The side of a channel between two processes that a link needs. */
export interface Channel {
  send(text: string, sent: (error: Error | null) => void): void
  /** Calls `receive` with each message, and `end` once, when no more will come. */
  listen(receive: (text: unknown) => void, end: (end: LinkEnd) => void): void
  disconnect(): void
}

/** A link over the channel that Node opens between a process and its child. */
export class ChildProcessLink<Sent, Received> implements Link<Sent, Received> {
  readonly ended: Promise<LinkEnd>
  readonly #end: (end: LinkEnd) => void
  readonly #channel: Channel
  readonly #codec: MessageCodec<Sent, Received>
  #receiver: ((message: Received) => void) | undefined
  #waiting: Received[] = []
  #unsent = 0
  #state: 'open' | 'closing' | 'over' = 'open'

  constructor(channel: Channel, codec: MessageCodec<Sent, Received>) {
    const { promise, resolve } = Promise.withResolvers<LinkEnd>()
    this.ended = promise
    this.#end = resolve
    this.#channel = channel
    this.#codec = codec
    channel.listen(
      text => this.#deliver(text),
      end => this.#over(this.#state === 'closing' ? { state: 'closed', detail: 'it was closed' } : end),
    )
  }

  send(message: Sent): void {
    if (this.#state !== 'open') return
    this.#unsent += 1
    this.#channel.send(this.#codec.encode(message), () => {
      this.#unsent -= 1
      this.#disconnectIfSent()
    })
  }

  receive(receiver: (message: Received) => void): void {
    this.#receiver = receiver
    for (const message of this.#waiting.splice(0)) receiver(message)
  }

  close(): void {
    if (this.#state !== 'open') return
    this.#state = 'closing'
    this.#disconnectIfSent()
  }

  #disconnectIfSent(): void {
    if (this.#state === 'closing' && this.#unsent === 0) this.#channel.disconnect()
  }

  #deliver(text: unknown): void {
    let message: Received
    try {
      message = this.#codec.decode(String(text))
    } catch (error) {
      if (!(error instanceof MalformedMessage)) throw error
      this.#over({ state: 'lost', detail: `it sent what cannot be understood: ${error.message}` })
      this.#channel.disconnect()
      return
    }
    if (this.#receiver === undefined) this.#waiting.push(message)
    else this.#receiver(message)
  }

  #over(end: LinkEnd): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    this.#end(end)
  }
}

/** Returns the channel of a process to its child. It ends when the child has ended and everything that it sent was received. */
export function channelToChild(child: ChildProcess): Channel {
  return {
    send: (text, sent) => void (child.connected ? child.send(text, sent) : sent(null)),
    listen(receive, end) {
      let isDisconnected = false
      let exit: string | undefined
      const endIfBoth = () => {
        if (isDisconnected && exit !== undefined) end({ state: 'lost', detail: exit })
      }
      child.on('message', receive)
      child.on('disconnect', () => {
        isDisconnected = true
        endIfBoth()
      })
      child.on('exit', (code, signal) => {
        exit = `its process ended with ${signal ?? `exit code ${code}`}`
        endIfBoth()
      })
      child.on('error', error => end({ state: 'lost', detail: `its process could not be used: ${error.message}` }))
    },
    disconnect() {
      if (child.connected) child.disconnect()
    },
  }
}

/** Returns the channel of a child process to its parent. */
export function channelToParent(process: NodeJS.Process): Channel {
  return {
    send: (text, sent) => void (process.connected ? process.send!(text, undefined, undefined, sent) : sent(null)),
    listen(receive, end) {
      process.on('message', receive)
      process.on('disconnect', () => end({ state: 'lost', detail: 'its coordinator ended' }))
    },
    disconnect() {
      if (process.connected) process.disconnect()
    },
  }
}
