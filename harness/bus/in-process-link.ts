import type { Link, LinkEnd } from './link.ts'

/** Returns both sides of a link within a process. A message is received before `send` returns, as the same object. */
export function inProcessLink<One, Other>(): [Link<One, Other>, Link<Other, One>] {
  const one = new Side<One, Other>()
  const other = new Side<Other, One>()
  one.join(other)
  other.join(one)
  return [one, other]
}

class Side<Sent, Received> implements Link<Sent, Received> {
  readonly ended: Promise<LinkEnd>
  readonly #end: (end: LinkEnd) => void
  #other: Side<Received, Sent> | undefined
  #receiver: ((message: Received) => void) | undefined
  /** Messages that came before there was a receiver. */
  #waiting: Received[] = []

  constructor() {
    const { promise, resolve } = Promise.withResolvers<LinkEnd>()
    this.ended = promise
    this.#end = resolve
  }

  join(other: Side<Received, Sent>): void {
    this.#other = other
  }

  send(message: Sent): void {
    this.#other?.deliver(message)
  }

  deliver(message: Received): void {
    if (this.#receiver === undefined) this.#waiting.push(message)
    else this.#receiver(message)
  }

  receive(receiver: (message: Received) => void): void {
    this.#receiver = receiver
    for (const message of this.#waiting.splice(0)) receiver(message)
  }

  close(): void {
    const other = this.#other
    if (other === undefined) return
    this.#other = undefined
    this.#end({ state: 'closed', detail: 'it was closed' })
    other.close()
  }
}
