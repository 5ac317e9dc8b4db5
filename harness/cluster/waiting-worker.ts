import type { Clock } from '../../core/clock.ts'
import { busWire } from '../bus/bus-wire.ts'
import type { MessageBus } from '../bus/message-bus.ts'
import { ReliableLink } from '../bus/reliable-link.ts'
import type { ClusterSubjects } from './cluster-subjects.ts'
import { calls, encodeRendezvous, type Hello, type Offer, offers, PROTOCOL } from './rendezvous.ts'
import { asText } from './text-codec.ts'

export interface WaitingWorkerOptions {
  bus: MessageBus
  subjects: ClusterSubjects
  clock: Clock
  /** Its description for coordinators. */
  about: Omit<Hello, 'protocol' | 'busy'>
}

/** A run that a worker has accepted. Its link carries messages as text. */
export interface AcceptedRun {
  offer: Offer
  link: ReliableLink<string, string>
}

/** A worker of a cluster. It answers calls of coordinators, and serves one run at a time. */
export class WaitingWorker {
  readonly #options: WaitingWorkerOptions
  readonly #endings: (() => void)[]
  #accepted: AcceptedRun | undefined
  #next = Promise.withResolvers<AcceptedRun>()

  constructor(options: WaitingWorkerOptions) {
    this.#options = options
    const { bus, subjects, about } = options
    this.#endings = [
      bus.listen(subjects.call, ({ bytes }) => {
        const call = calls(bytes)
        if (call !== undefined) bus.publish(subjects.hello(call.coordinator), encodeRendezvous(this.#hello()))
      }),
      bus.listen(subjects.offer(about.worker), message => {
        const offer = offers(message.bytes)
        if (offer !== undefined) message.answer(encodeRendezvous({ accepted: this.#accept(offer) }))
      }),
    ]
  }

  /** Waits for the next run. */
  next(): Promise<AcceptedRun> {
    return this.#next.promise
  }

  /** Makes the worker free for another run. */
  release(): void {
    this.#accepted = undefined
    this.#next = Promise.withResolvers()
  }

  close(): void {
    for (const end of this.#endings.splice(0)) end()
  }

  #hello(): Hello {
    const offer = this.#accepted?.offer
    return {
      protocol: PROTOCOL,
      ...this.#options.about,
      ...(offer !== undefined && { busy: { runId: offer.runId, link: offer.link } }),
    }
  }

  #accept(offer: Offer): boolean {
    // An answer that was lost is asked for again.
    if (this.#accepted !== undefined) return this.#accepted.offer.link === offer.link
    const { bus, subjects, clock } = this.#options
    const { toWorker, toCoordinator } = subjects.link(offer.link)
    const wire = busWire(bus, { to: toCoordinator, from: toWorker })
    const { lostAfterMs } = offer
    const link = new ReliableLink<string, string>(wire, {
      clock,
      codec: asText,
      mostPacketBytes: bus.mostBytes,
      lostAfterMs,
    })
    this.#accepted = { offer, link }
    this.#next.resolve(this.#accepted)
    return true
  }
}
