import type { StompHeaders } from '../../../contract/stomp/frame.ts'
import { outcomeHeaders } from '../../../contract/stomp/outcome.ts'
import type { RequestTags } from '../../metrics/recorder.ts'
import type { Session } from '../../session/session.ts'
import type { TagsCache } from '../address/tags.ts'

/** Counts the events that a connection published to the target, as its receipts and errors say. Other brokers say nothing of them. */
export class PublishedEvents {
  readonly #session: Session
  readonly #cache: TagsCache
  readonly #tags: RequestTags

  constructor(session: Session, cache: TagsCache, tags: RequestTags) {
    this.#session = session
    this.#cache = cache
    this.#tags = tags
  }

  /** Counts what a RECEIPT or ERROR reports. */
  reported(headers: StompHeaders): void {
    const accepted = countIn(headers[outcomeHeaders.accepted])
    const duplicate = countIn(headers[outcomeHeaders.duplicate])
    const rejected = countIn(headers[outcomeHeaders.rejected])
    this.#add('events_published', accepted + duplicate + rejected)
    this.#add('events_accepted', accepted)
    this.#add('events_duplicate', duplicate)
    this.#add('events_rejected', rejected)
  }

  /** Counts events whose outcome nothing reports. */
  unknown(destinations: readonly string[]): void {
    const events = destinations.filter(destination => destination.startsWith('/streams/')).length
    if (events === 0 || this.#tags.operation !== 'stomp.connect') return
    this.#session.recorder.add('outcomes_unknown', this.#cache.ofUnknown(this.#tags, 0, 'lost'), events)
  }

  #add(metric: 'events_published' | 'events_accepted' | 'events_duplicate' | 'events_rejected', count: number): void {
    if (count > 0) this.#session.recorder.add(metric, this.#tags, count)
  }
}

function countIn(value: string | undefined): number {
  const count = Number(value ?? 0)
  return Number.isSafeInteger(count) && count > 0 ? count : 0
}
