import { chatActions } from '../../../contract/sockets/chat.ts'
import type { PublishedCounts } from '../../../contract/api/events.ts'
import type { StompFrame } from '../../../contract/stomp/frame.ts'
import { outcomeHeaders } from '../../../contract/stomp/outcome.ts'
import { checker, isObject } from '../../../core/check.ts'
import { demand } from '../../auth/demand.ts'
import { checkClaim, noRoom } from '../../domain/chat/room-rules.ts'
import { ProblemError } from '../../exchange/problem.ts'
import type { Exchange } from '../../exchange/exchange.ts'
import { JsonError, readJson } from '../../json/read-json.ts'
import { checkEvent } from '../../streams/ingestion.ts'
import { type StompDestination, destinationOf } from './destination.ts'
import { StompRefusal } from './refusal.ts'
import type { StompDependencies } from './subscription.ts'

/** Headers of the RECEIPT for a SEND or COMMIT. */
export type ReceiptHeaders = Record<string, string | number | undefined>

const publish = checker(chatActions.publish)

/** A SEND that has been checked. */
interface CheckedSend {
  destination: StompDestination
  text: string
  value: unknown
}

/** Publishes what a connection sends: events to streams, messages to rooms. */
export class StompPublisher {
  readonly #dependencies: StompDependencies
  readonly #exchange: Exchange

  constructor(dependencies: StompDependencies, exchange: Exchange) {
    this.#dependencies = dependencies
    this.#exchange = exchange
  }

  /** Publishes one frame, and returns what its RECEIPT says. @throws StompRefusal, ProblemError or SocketRefusal */
  send(frame: StompFrame): ReceiptHeaders {
    return this.#publish(this.#read(frame))
  }

  /** Checks a frame that is to be published later. @throws like `send` */
  check(frame: StompFrame): void {
    const { destination, value } = this.#read(frame)
    if (destination.kind === 'room') return
    const checked = checkEvent(value, this.#dependencies.settings.current.events.unknownTypes)
    if ('problem' in checked) throw new StompRefusal(checked.problem.code, checked.problem.message)
  }

  /** Publishes the frames of a transaction, which have been checked. Returns what their receipt says. */
  sendAll(frames: readonly StompFrame[]): ReceiptHeaders {
    const counts: PublishedCounts = { accepted: 0, duplicate: 0, rejected: 0 }
    for (const frame of frames) {
      const receipt = this.send(frame)
      counts.accepted += Number(receipt[outcomeHeaders.accepted] ?? 0)
      counts.duplicate += Number(receipt[outcomeHeaders.duplicate] ?? 0)
    }
    return { [outcomeHeaders.accepted]: counts.accepted, [outcomeHeaders.duplicate]: counts.duplicate }
  }

  #read({ headers, body }: StompFrame): CheckedSend {
    const { settings } = this.#dependencies
    const destination = destinationOf(headers['destination'])
    demand(this.#exchange, destination.kind === 'stream' ? 'events.publish' : 'sockets.chat', settings)
    let value: unknown
    try {
      value = readJson(body, settings.current.http.jsonDepth)
    } catch (error) {
      if (!(error instanceof JsonError)) throw error
      throw new StompRefusal(error.code, `expected a body of JSON: ${error.message}`)
    }
    return { destination, text: body, value }
  }

  #publish({ destination, text, value }: CheckedSend): ReceiptHeaders {
    return destination.kind === 'stream' ? this.#toStream(text, value) : this.#toRoom(destination.name, text, value)
  }

  #toStream(text: string, value: unknown): ReceiptHeaders {
    const { streams } = this.#dependencies
    const { tenant, account } = this.#exchange
    try {
      const published = streams.ingestion.publish(streams.tenant(tenant), value, account.events, text)
      const isNew = published.duplicate !== true
      return {
        stream: published.stream,
        partition: published.partition,
        offset: published.offset,
        [outcomeHeaders.accepted]: Number(isNew),
        [outcomeHeaders.duplicate]: Number(!isNew),
      }
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error
      throw new StompRefusal(error.code, error.message, Number(isObject(value)))
    }
  }

  #toRoom(channel: string, text: string, message: unknown): ReceiptHeaders {
    const { hall, settings } = this.#dependencies
    const { tenant, bearer } = this.#exchange
    const sent = { channel, message }
    if (!publish.check(sent)) {
      const errors = publish.errors(sent).map(({ pointer, detail }) => `${pointer}: ${detail}`)
      throw new StompRefusal('invalid_request', errors.join('; '))
    }
    checkClaim(bearer, 'senderId', sent.message.senderId, settings)
    const sequence = hall.say({ tenant, channel, written: channel, text, sender: undefined })
    if (sequence === undefined) throw noRoom(channel, settings)
    return { channel, sequence }
  }
}
