import type { StompVersion } from '../../../contract/stomp/version.ts'
import { DeliveryEncoder } from './message-encoder.ts'

/** The encoders of open subscriptions. Clients of one library mostly use the same ids, so one frame serves them all. */
export class DeliveryEncoders {
  readonly #encoders = new Map<string, DeliveryEncoder>()

  /** Returns the encoder of these subscriptions. Give it back once. */
  take(subscription: string, version: StompVersion): DeliveryEncoder {
    const key = `${version} ${subscription}`
    let encoder = this.#encoders.get(key)
    if (encoder === undefined) this.#encoders.set(key, (encoder = new DeliveryEncoder(subscription, version)))
    encoder.users += 1
    return encoder
  }

  giveBack(encoder: DeliveryEncoder): void {
    encoder.users -= 1
    if (encoder.users === 0) this.#encoders.delete(`${encoder.version} ${encoder.subscription}`)
  }
}
