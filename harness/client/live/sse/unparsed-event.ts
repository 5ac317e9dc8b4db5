import type { DeliveredEvent } from '../../../../contract/api/events.ts'
import type { StreamEvent } from '../../../scenario/streams.ts'

/** An event whose data is known to be JSON, and is parsed when a scenario reads it. */
export class UnparsedEvent implements StreamEvent {
  readonly type: string
  readonly id: string
  readonly data: string
  #event: DeliveredEvent | undefined

  constructor(type: string, id: string, data: string) {
    this.type = type
    this.id = id
    this.data = data
  }

  get event(): DeliveredEvent {
    this.#event ??= JSON.parse(this.data) as DeliveredEvent
    return this.#event
  }

  /** With the event, which is no property of its own. */
  toJSON(): StreamEvent {
    const { type, id, data, event } = this
    return { type, id, data, event }
  }
}
