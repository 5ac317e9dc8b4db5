import type { StompVersion } from '../../../contract/stomp/version.ts'
import { StompEncoder } from './message-encoder.ts'

/** The encoders of open subscriptions. Clients of one library mostly use the same ids, so one frame serves them all. */
export class SharedMessageEncoders {
  readonly #encoders = new Map<string, StompEncoder>()

  /** Returns the encoder of these subscriptions. Give it back once. */
  take(subscription: string, version: StompVersion): StompEncoder {
    const key = `${version} ${subscription}`
    let encoder = this.#encoders.get(key)
    if (encoder === undefined) this.#encoders.set(key, (encoder = new StompEncoder(subscription, version)))
    encoder.users += 1
    return encoder
  }

  giveBack(encoder: StompEncoder): void {
    encoder.users -= 1
    if (encoder.users === 0) this.#encoders.delete(`${encoder.version} ${encoder.subscription}`)
  }
}
