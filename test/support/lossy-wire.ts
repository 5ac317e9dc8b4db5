import type { Clock } from '../../core/clock.ts'
import type { PacketWire } from '../../harness/bus/reliable-link.ts'

/** Decides the fate of a packet: the copies that arrive, each after a delay. */
export type Fate = (packet: Uint8Array, from: 0 | 1) => readonly number[]

const arrives: Fate = () => [0]

/** Two ends of a wire in memory that loses, repeats and delays packets as the test wants. */
export class LossyWires {
  readonly ends: readonly [PacketWire, PacketWire]
  fate: Fate = arrives
  readonly #receivers: (Parameters<PacketWire['receive']>[0] | undefined)[] = [undefined, undefined]

  constructor(clock: Clock) {
    this.ends = [this.#end(0, clock), this.#end(1, clock)]
  }

  /** Tells both ends that the wire is whole again. */
  heal(): void {
    this.fate = arrives
    for (const receiver of this.#receivers) receiver?.healed()
  }

  #end(index: 0 | 1, clock: Clock): PacketWire {
    return {
      send: packet => {
        const bytes = packet.slice()
        for (const delayMs of this.fate(bytes, index)) {
          void clock.sleep(delayMs).then(() => this.#receivers[1 - index]?.packet(bytes))
        }
      },
      receive: receiver => (this.#receivers[index] = receiver),
      close: () => (this.#receivers[index] = undefined),
    }
  }
}
