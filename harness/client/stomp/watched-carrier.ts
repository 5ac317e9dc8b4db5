import type { Clock } from '../../../core/clock.ts'
import type { DecodedConnection } from '../../delivery/event-frames.ts'
import type { Failure } from '../../metrics/recorder.ts'
import type { BeatingConnection } from './heartbeats.ts'

/** A connection under STOMP, with the time of its last bytes. */
export class WatchedCarrier implements BeatingConnection {
  heardAt: number
  readonly #carrier: DecodedConnection

  constructor(carrier: DecodedConnection, clock: Clock) {
    this.#carrier = carrier
    this.heardAt = clock.now()
  }

  send(text: string): void {
    this.#carrier.send(text)
  }

  lose(failure: Pick<Failure, 'reason' | 'example'>): void {
    this.#carrier.lose(failure)
  }
}
