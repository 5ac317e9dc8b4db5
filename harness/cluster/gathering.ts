import { randomUUID } from 'node:crypto'
import type { Clock } from '../../core/clock.ts'
import { formatDuration } from '../../core/duration.ts'
import { busWire } from '../bus/bus-wire.ts'
import { ClusterUnavailable, type MessageBus } from '../bus/message-bus.ts'
import { ReliableLink } from '../bus/reliable-link.ts'
import { coordinatorCodec } from '../coordination/message-codecs.ts'
import type { ToCoordinator, ToWorker } from '../coordination/messages.ts'
import type { ClusterSubjects } from './cluster-subjects.ts'
import { answers, encodeRendezvous, type Hello, hellos, type Offer, PROTOCOL } from './rendezvous.ts'

export interface GatheringOptions {
  bus: MessageBus
  subjects: ClusterSubjects
  clock: Clock
  /** Number of workers. */
  wanted: number
  /** Longest time until all of them have come. */
  waitMs: number
  /** Only workers of this version are taken. */
  version: string
  offer: Omit<Offer, 'link'>
  /** Ends the waiting. */
  signal: AbortSignal
  /** Called with each worker that joins. */
  onJoined: (joined: readonly JoinedWorker[]) => void
}

/** A worker that has accepted the run, and the link to it. */
export interface JoinedWorker {
  hello: Hello
  link: ReliableLink<ToWorker, ToCoordinator>
}

const CALL_EVERY_MS = 500
const ANSWERS_WITHIN_MS = 2000

/**
 * Calls workers until enough have accepted the run. If too few come in time, those that came are free again.
 * @throws ClusterUnavailable that says which came and which could not be used; the reason of the signal when it aborts
 */
export async function gather(options: GatheringOptions): Promise<JoinedWorker[]> {
  const gathering = new Gathering(options)
  try {
    await gathering.wait()
    return gathering.joined
  } catch (error) {
    for (const { link } of gathering.joined) link.abandon('its run did not begin')
    throw error
  } finally {
    gathering.close()
  }
}

class Gathering {
  readonly joined: JoinedWorker[] = []
  readonly #options: GatheringOptions
  /** Id of this coordinator. */
  readonly #id = randomUUID()
  readonly #links = new Map<string, string>()
  readonly #asked = new Set<string>()
  /** Workers that cannot be used, with the reasons. */
  readonly #others = new Map<string, string>()
  readonly #complete = new AbortController()
  readonly #endListening: () => void

  constructor(options: GatheringOptions) {
    this.#options = options
    const { bus, subjects } = options
    this.#endListening = bus.listen(subjects.hello(this.#id), ({ bytes }) => {
      const hello = hellos(bytes)
      if (hello !== undefined) void this.#meet(hello)
    })
  }

  async wait(): Promise<void> {
    const { bus, subjects, clock, signal, waitMs, offer } = this.#options
    const until = clock.now() + waitMs
    const call = encodeRendezvous({ coordinator: this.#id, runId: offer.runId })
    while (!this.#complete.signal.aborted && clock.now() < until) {
      bus.publish(subjects.call, call)
      await clock.sleep(CALL_EVERY_MS, AbortSignal.any([signal, this.#complete.signal]))
      signal.throwIfAborted()
    }
    if (!this.#complete.signal.aborted) throw this.#tooFew()
  }

  close(): void {
    this.#complete.abort()
    this.#endListening()
  }

  async #meet(hello: Hello): Promise<void> {
    const { version } = this.#options
    const { worker, busy } = hello
    if (this.joined.some(each => each.hello.worker === worker) || this.#asked.has(worker)) return
    if (hello.protocol !== PROTOCOL || hello.version !== version) {
      this.#others.set(worker, `${workerName(hello)} has version ${hello.version}, and this is ${version}`)
      return
    }
    const link = this.#links.get(worker) ?? randomUUID()
    if (busy !== undefined && busy.link !== link) {
      this.#others.set(worker, `${workerName(hello)} works on the run ${busy.runId}`)
      return
    }
    this.#others.delete(worker)
    if (this.joined.length + this.#asked.size >= this.#options.wanted) return
    this.#links.set(worker, link)
    this.#asked.add(worker)
    const accepted = busy !== undefined || (await this.#offer(worker, link))
    this.#asked.delete(worker)
    if (accepted) this.#join(hello, link)
  }

  async #offer(worker: string, link: string): Promise<boolean> {
    const { bus, subjects, offer } = this.#options
    const bytes = encodeRendezvous({ ...offer, link })
    return answers(await bus.request(subjects.offer(worker), bytes, ANSWERS_WITHIN_MS))?.accepted === true
  }

  #join(hello: Hello, id: string): void {
    const { bus, subjects, clock, offer, wanted, onJoined } = this.#options
    const { toWorker, toCoordinator } = subjects.link(id)
    const wire = busWire(bus, { to: toWorker, from: toCoordinator })
    const link = new ReliableLink(wire, {
      clock,
      codec: coordinatorCodec,
      mostPacketBytes: bus.mostBytes,
      lostAfterMs: offer.lostAfterMs,
    })
    if (this.#complete.signal.aborted) {
      link.abandon('its run has begun without it')
      return
    }
    const joined: JoinedWorker = { hello, link }
    this.joined.push(joined)
    // One that is lost again may come back, or another may take its place.
    void link.ended.then(() => {
      if (!this.#complete.signal.aborted) this.joined.splice(this.joined.indexOf(joined), 1)
    })
    if (this.joined.length === wanted) this.#complete.abort()
    onJoined(this.joined)
  }

  #tooFew(): ClusterUnavailable {
    const { bus, subjects, wanted, waitMs } = this.#options
    const came =
      this.joined.length === 0
        ? 'none'
        : `${this.joined.length}: ${this.joined.map(({ hello }) => workerName(hello)).join(', ')}`
    const others = [...this.#others.values()].map(each => `\n  ${each}`).join('')
    return new ClusterUnavailable(
      `expected ${wanted} worker${wanted === 1 ? '' : 's'} at ${bus.place} (${subjects.prefix}) within ${formatDuration(waitMs)}, got ${came}${others}`,
      'Start more with `loadcell worker --cluster …` of the same version and the same --cluster-name, or wait longer with --cluster-wait.',
    )
  }
}

/** Returns the name of a worker, with its place. */
export function workerName({ name, place }: Hello): string {
  return place === undefined ? name : `${name} (${place})`
}
