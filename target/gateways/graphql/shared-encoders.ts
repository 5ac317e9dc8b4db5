import { BoundedMap } from '../../../core/bounded-map.ts'
import { GraphqlEventStream } from './event-stream.ts'
import type { FieldSelection } from './selection.ts'
import { SubscriptionEncoder } from './transport-protocol.ts'

/** Ids of subscriptions for which one selection keeps encoders. Many clients count from 1, others draw an id at random. */
const MOST_IDS = 64

/** Encoders of selections. Followers with the same selection and id share one, and with it each frame. */
export class SharedEncoders {
  readonly #streams = new WeakMap<FieldSelection, GraphqlEventStream>()
  readonly #subscriptions = new WeakMap<FieldSelection, BoundedMap<string, SubscriptionEncoder>>()

  stream(selection: FieldSelection): GraphqlEventStream {
    let stream = this.#streams.get(selection)
    if (stream === undefined) this.#streams.set(selection, (stream = new GraphqlEventStream(selection)))
    return stream
  }

  subscription(selection: FieldSelection, id: string): SubscriptionEncoder {
    let byId = this.#subscriptions.get(selection)
    if (byId === undefined) this.#subscriptions.set(selection, (byId = new BoundedMap()))
    let encoder = byId.touch(id)
    if (encoder === undefined) byId.set(id, (encoder = new SubscriptionEncoder(selection, id)), MOST_IDS)
    return encoder
  }
}
