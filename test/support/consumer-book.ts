import type { CloseReason, DropReason } from '../../contract/streams.ts'
import type {
  DroppedFrame,
  HandedOver,
  StreamBook,
  StreamWindow,
  Unsettled,
  WindowSource,
} from '../../target/exchange/account.ts'

/** Adds up the reports of one connection. */
export class CountingConsumerBook implements StreamBook {
  readonly key: string
  source: WindowSource | undefined
  unsettled: Unsettled | undefined
  droppedFrames = 0
  resets = 0
  readonly dropsByPolicy: Partial<Record<DropReason, number>> = {}
  duplicated = 0
  reordered = 0
  malformed = 0
  readonly ends: { reason: CloseReason; unsentFrames: number }[] = []
  readonly streams: readonly string[]
  /** The counts at the end, by stream; empty while it is open. */
  endWindows: readonly StreamWindow[] = []
  /** Delivered or dropped, by stream. */
  readonly #sent = new Map<string, number>()
  #deliveredFrames = 0

  constructor(key = 'consumer', streams: readonly string[] = []) {
    this.key = key
    this.streams = streams
  }

  get deliveredFrames(): number {
    this.unsettled?.settle()
    return this.#deliveredFrames
  }

  delivered(frames: HandedOver): void {
    this.#deliveredFrames += frames.events
    this.malformed += frames.malformed
    for (const stream of this.streams) this.#count(stream, frames.eventsOf(stream))
  }

  dropped(policy: DropReason, { about: { channel } }: DroppedFrame): void {
    this.droppedFrames += 1
    if (channel !== undefined) this.#count(channel, 1)
    this.dropsByPolicy[policy] = (this.dropsByPolicy[policy] ?? 0) + 1
  }

  injected(what: 'duplicated' | 'reordered', { about: { channel } }: DroppedFrame): void {
    this[what] += 1
    if (what === 'duplicated' && channel !== undefined) this.#count(channel, -1)
  }

  reset(): void {
    this.resets += 1
  }

  closed(reason: CloseReason, unsentFrames: number): void {
    this.ends.push({ reason, unsentFrames })
    this.endWindows = this.source?.windows() ?? []
  }

  /** Offered events minus all outcomes, by stream. Anything but zero is a miscount. */
  unexplained(): number[] {
    this.unsettled?.settle()
    const windows = this.ends.length === 0 ? (this.source?.windows() ?? []) : this.endWindows
    return windows.map(({ stream, offered, filtered, elsewhere, expired, unsent }) => {
      return offered - (this.#sent.get(stream) ?? 0) - filtered - elsewhere - expired - unsent
    })
  }

  #count(stream: string, frames: number): void {
    this.#sent.set(stream, (this.#sent.get(stream) ?? 0) + frames)
  }

  get unsentFrames(): number {
    return this.ends[0]?.unsentFrames ?? 0
  }
}

/** Frames that went to a socket together, all of one stream. */
export function handedOver(events: number): HandedOver {
  return { events, eventsOf: () => events, malformed: 0, malformedOf: () => 0 }
}
