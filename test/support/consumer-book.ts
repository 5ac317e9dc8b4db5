import type { SlowConsumerPolicy, CloseReason } from '../../contract/streams.ts'
import type { ConsumerBook } from '../../target/ledger/account.ts'

/** Adds up what one connection reports of itself. */
export class CountingConsumerBook implements ConsumerBook {
  deliveredFrames = 0
  droppedFrames = 0
  readonly dropsByPolicy: Partial<Record<SlowConsumerPolicy, number>> = {}
  readonly ends: { reason: CloseReason; unsentFrames: number }[] = []

  delivered(frames: number): void {
    this.deliveredFrames += frames
  }

  dropped(policy: SlowConsumerPolicy, frames: number): void {
    this.droppedFrames += frames
    this.dropsByPolicy[policy] = (this.dropsByPolicy[policy] ?? 0) + frames
  }

  closed(reason: CloseReason, unsentFrames: number): void {
    this.ends.push({ reason, unsentFrames })
  }

  get unsentFrames(): number {
    return this.ends[0]?.unsentFrames ?? 0
  }
}
