import type { SocketioNamespace } from '../../../contract/socketio/namespaces.ts'
import type { StreamsAnswer } from '../../../contract/socketio/streams.ts'
import type { RequestTags } from '../../metrics/recorder.ts'
import type { Session } from '../../session/session.ts'
import type { TagsCache } from '../address/tags.ts'

const STREAMS: SocketioNamespace = '/streams'
const PUBLISHED: StreamsAnswer['type'] = 'published'

/** Counts the events that a connection published to the target, as its acknowledgements say. Other servers say nothing of them. */
export class PublishedPackets {
  readonly #session: Session
  readonly #cache: TagsCache
  readonly #tags: RequestTags

  constructor(session: Session, cache: TagsCache, tags: RequestTags) {
    this.#session = session
    this.#cache = cache
    this.#tags = tags
  }

  /** Counts an event that was emitted. @param ack first argument of its acknowledgement; undefined if none came */
  emitted(namespace: string, event: string, ack: unknown): void {
    if (namespace !== STREAMS || event !== 'publish' || this.#tags.operation !== 'socketio.connect') return
    const { recorder } = this.#session
    if (ack === undefined) return recorder.add('outcomes_unknown', this.#cache.ofUnknown(this.#tags, 0, 'lost'), 1)
    const { type, duplicate, rejected } = ack as { type?: unknown; duplicate?: unknown; rejected?: unknown }
    if (type !== PUBLISHED && rejected !== 1) return
    recorder.add('events_published', this.#tags, 1)
    if (rejected === 1) recorder.add('events_rejected', this.#tags, 1)
    else recorder.add(duplicate === true ? 'events_duplicate' : 'events_accepted', this.#tags, 1)
  }
}
