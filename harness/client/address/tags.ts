import type { Tags } from '../../metrics/catalog.ts'
import type { RequestTags } from '../../metrics/recorder.ts'
import type { Session } from '../../session/session.ts'
import type { Route } from './routes.ts'

/** Maximum number of sets of tags. When there are more, further streams share one name. */
const MOST_TAGS = 10_000
const OTHER_STREAM = '(other)'

/** Returns the same tags object for equal samples, because the recorder finds its series by identity. */
export class TagsCache {
  readonly #requests = new Map<string, Map<string, Map<Route, RequestTags>>>()
  readonly #others = new Map<string, Tags>()
  /** The last tags of a request, and what they are of, because the next request often has the same. */
  #lastRoute: Route | undefined
  #lastUser = ''
  #lastTask = ''
  #last: RequestTags | undefined

  ofRequest(session: Session, route: Route): RequestTags {
    const { user, task } = session
    if (this.#last !== undefined && route === this.#lastRoute && task === this.#lastTask && user === this.#lastUser)
      return this.#last
    const tags = this.#requests.get(user)?.get(task)?.get(route) ?? this.#make(session, route)
    this.#lastRoute = route
    this.#lastUser = user
    this.#lastTask = task
    this.#last = tags
    return tags
  }

  /** Returns the tags of a stream; `extra` distinguishes its events by the stream that they name. */
  ofStream(session: Session, route: Route, extra: { stream?: string } = {}): Tags {
    const { name, labels } = route
    return this.#shared({ ...labels, name, user: session.user, transport: 'sse', ...hostOf(route), ...extra })
  }

  /** Returns the tags of a stream of gRPC; `extra` distinguishes its events by the stream that they name. */
  ofCall(session: Session, route: Route, extra: { stream?: string } = {}): Tags {
    const { name, operation, labels } = route
    return this.#shared({
      ...labels,
      name,
      operation,
      user: session.user,
      transport: 'grpc',
      ...hostOf(route),
      ...extra,
    })
  }

  ofSocket(session: Session, route: Route): Tags {
    const { name, operation, labels } = route
    return this.#shared({ ...labels, name, operation, user: session.user, transport: 'ws', ...hostOf(route) })
  }

  /** Returns the tags of the end of a stream or socket with these tags. */
  ofEnding(tags: Tags, ending: { reason?: string | undefined; status?: string | undefined }): Tags {
    return this.#shared({ ...tags, ...ending })
  }

  /** Returns the tags of requests that were answered with this status. */
  ofAnswered(tags: RequestTags, status: number): Tags {
    return this.#shared({ ...tags, status: String(status) })
  }

  /** Returns the tags of a finished job with this status. */
  ofJob({ user }: Session, route: Route, status: string): Tags {
    return this.#shared({ ...route.labels, name: route.name, user, status, ...hostOf(route) })
  }

  /** Returns the tags of work whose outcome no response reports. */
  ofUnknown(tags: RequestTags, status: number, reason: 'lost' | 'unreadable'): Tags {
    return this.#shared({ ...tags, status: String(status), reason })
  }

  /** Returns the tags of a token that a request with these tags brought. */
  ofToken({ user }: Session, tags: RequestTags): Tags {
    return this.#shared({ user, ...hostOf(tags) })
  }

  #shared(tags: Tags): Tags {
    const key = JSON.stringify(tags)
    const known = this.#others.get(key)
    if (known !== undefined) return known
    // A server may use any number of stream names.
    if (this.#others.size >= MOST_TAGS && (tags.stream ?? OTHER_STREAM) !== OTHER_STREAM) {
      return this.#shared({ ...tags, stream: OTHER_STREAM })
    }
    this.#others.set(key, tags)
    return tags
  }

  #make({ user, task }: Session, route: Route): RequestTags {
    const { labels, ...own } = route
    let byTask = this.#requests.get(user)
    if (byTask === undefined) this.#requests.set(user, (byTask = new Map()))
    let byRoute = byTask.get(task)
    if (byRoute === undefined) byTask.set(task, (byRoute = new Map()))
    const tags: RequestTags = { ...labels, ...own, user, task }
    byRoute.set(route, tags)
    return tags
  }
}

/** Returns the tag of another host than the target, which has none. */
function hostOf({ host }: { host?: string }): Pick<Tags, 'host'> | undefined {
  return host === undefined ? undefined : { host }
}
