import { heartbeat } from '../../../contract/stomp/write-frame.ts'
import { SocketFrame } from '../../connections/socket-wire.ts'
import type { Peer } from '../../sockets/endpoint.ts'
import { StompRefusal } from './refusal.ts'

const FORM = /^(\d{1,9}),(\d{1,9})$/
/** A heart-beat is late after this many intervals. */
const TOLERANCE = 2
/** Share of an interval after which one is sent, because it is sent at the next review only. */
const EARLY = 0.75

/** The heart-beats that a client and the target have agreed on. Intervals in ms; 0 for none. */
export class Heartbeats {
  readonly outgoingMs: number
  readonly incomingMs: number
  #heardAt: number | undefined
  #reviewedAt: number | undefined
  /** How long nothing has come. */
  #silentMs = 0

  /** @param offered value of `heart-beat` @param ownMs shortest interval of the target @throws StompRefusal */
  constructor(offered: string | undefined, ownMs: number) {
    const [, cans, wants] = FORM.exec(offered ?? '0,0') ?? []
    if (cans === undefined || wants === undefined) {
      throw new StompRefusal('invalid_request', `heart-beat: expected two numbers, got ${JSON.stringify(offered)}`)
    }
    this.outgoingMs = agreed(ownMs, Number(wants))
    this.incomingMs = agreed(Number(cans), ownMs)
  }

  /** Sends one that is due. Returns false once those of the client stay away. */
  review(now: number, { connection, heardAt }: Peer): boolean {
    if (this.outgoingMs > 0 && !connection.isMuted && now - connection.wroteAt >= EARLY * this.outgoingMs) {
      connection.enqueue(new SocketFrame(heartbeat))
    }
    return this.incomingMs === 0 || this.#silence(now, heardAt) <= TOLERANCE * this.incomingMs
  }

  /** After a stall of the target, heart-beats may still wait to be read, so that only half an interval of it counts. */
  #silence(now: number, heardAt: number): number {
    const listenedMs = Math.min(now - (this.#reviewedAt ?? heardAt), this.incomingMs / 2)
    this.#silentMs = heardAt === this.#heardAt ? this.#silentMs + listenedMs : 0
    this.#reviewedAt = now
    this.#heardAt = heardAt
    return this.#silentMs
  }
}

function agreed(cansMs: number, wantsMs: number): number {
  return cansMs === 0 || wantsMs === 0 ? 0 : Math.max(cansMs, wantsMs)
}
