import type { Clock } from '../../core/clock.ts'
import type { BusMessage, MessageBus } from '../../harness/bus/message-bus.ts'

/** A bus in memory, which a test may cut. */
export class MemoryBus implements MessageBus {
  readonly place = 'memory'
  readonly mostBytes = 1024
  /** While it is cut, it loses everything. */
  isCut = false
  /** Copies of each message that arrive. */
  copies = 1
  readonly #clock: Clock
  readonly #receivers = new Map<string, Set<(message: BusMessage) => void>>()
  readonly #healed = new Set<() => void>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  heal(): void {
    this.isCut = false
    for (const listener of this.#healed) listener()
  }

  publish(subject: string, bytes: Uint8Array, answer: (bytes: Uint8Array) => void = () => {}): void {
    if (this.isCut) return
    const message = { bytes: bytes.slice(), answer }
    for (let copy = 0; copy < this.copies; copy += 1) {
      void this.#clock.sleep(0).then(() => {
        for (const receiver of this.#receivers.get(subject) ?? []) receiver(message)
      })
    }
  }

  listen(subject: string, receiver: (message: BusMessage) => void): () => void {
    const receivers = this.#receivers.get(subject) ?? new Set()
    this.#receivers.set(subject, receivers.add(receiver))
    return () => void receivers.delete(receiver)
  }

  async request(subject: string, bytes: Uint8Array, timeoutMs: number): Promise<Uint8Array | undefined> {
    const over = new AbortController()
    let first: Uint8Array | undefined
    this.publish(subject, bytes, answer => {
      if (this.isCut) return
      first ??= answer
      over.abort()
    })
    await this.#clock.sleep(timeoutMs, over.signal)
    return first
  }

  onHealed(listener: () => void): () => void {
    this.#healed.add(listener)
    return () => void this.#healed.delete(listener)
  }
}
