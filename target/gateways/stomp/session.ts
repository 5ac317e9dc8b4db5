import { parseDuration } from '../../../core/duration.ts'
import { quotedStart } from '../../../core/quoted-start.ts'
import type { StompFrame } from '../../../contract/stomp/frame.ts'
import { FrameReader } from '../../../contract/stomp/frame-reader.ts'
import { outcomeHeaders } from '../../../contract/stomp/outcome.ts'
import { newestOf, type StompVersion, stompVersions } from '../../../contract/stomp/version.ts'
import { writeFrame } from '../../../contract/stomp/write-frame.ts'
import { closeCodes, type KnownCloseCode } from '../../../contract/sockets/close-codes.ts'
import { type Bearers, bearerToken } from '../../auth/guard.ts'
import { acknowledgement, refusal } from '../../connections/frame.ts'
import { SocketFrame } from '../../connections/socket-wire.ts'
import { countedCode, SocketRefusal } from '../../protocols/refusal.ts'
import type { Peer } from '../../sockets/endpoint.ts'
import { Heartbeats } from './heartbeats.ts'
import { StompPublisher, type ReceiptHeaders } from './publisher.ts'
import { closeCodeAfter, refusalOf, StompRefusal } from './refusal.ts'
import type { StompDependencies } from './subscription.ts'
import { SessionSubscriptions } from './session-subscriptions.ts'
import { Transactions } from './transactions.ts'

export interface SessionDependencies extends StompDependencies {
  bearers: Bearers
}

/** Time that a client gets to close the WebSocket after its DISCONNECT. */
const LEAVE_MS = 5000

/** One client of STOMP, from its CONNECT to its end. */
export class StompSession {
  readonly #peer: Peer
  readonly #dependencies: SessionDependencies
  readonly #reader: FrameReader
  readonly #subscriptions: SessionSubscriptions
  readonly #transactions: Transactions
  readonly #publisher: StompPublisher
  /** Undefined until CONNECT. */
  #version: StompVersion | undefined
  #heartbeats: Heartbeats | undefined
  /** When the connection is closed unless the client has done what is due. */
  #deadline: number
  #isOver = false
  #hasLeft = false
  /** Charged bytes of a frame that has come in part. */
  #pendingBytes = 0

  constructor(peer: Peer, dependencies: SessionDependencies) {
    const { settings, clock, memory } = dependencies
    const { stomp } = settings.current
    this.#peer = peer
    this.#dependencies = dependencies
    this.#reader = new FrameReader(stomp)
    this.#deadline = clock.now() + parseDuration(stomp.connectTimeout)
    this.#subscriptions = new SessionSubscriptions(peer, dependencies, failure => this.#fail(failure))
    this.#transactions = new Transactions(settings, memory)
    this.#publisher = new StompPublisher(dependencies, peer.exchange)
  }

  /** @throws SocketRefusal once the failure has been answered */
  receive(bytes: Buffer): void {
    if (this.#isOver || this.#hasLeft) return
    let frame: StompFrame | undefined
    try {
      for (frame of this.#reader.read(bytes)) {
        this.#serve(frame)
        if (this.#isOver || this.#hasLeft) break
        frame = undefined
      }
      this.#chargePending()
    } catch (error) {
      const failure = refusalOf(error)
      if (failure === undefined) throw error
      this.#fail(failure, frame)
      throw new SocketRefusal(countedCode(failure.code), failure.message, true)
    }
  }

  /** Sends heart-beats, and closes a client that is late with anything. */
  review(now: number): void {
    if (this.#isOver) return
    if (this.#hasLeft) {
      if (now >= this.#deadline) this.#close(1000)
    } else if (this.#version === undefined) {
      if (now >= this.#deadline)
        this.#fail(new StompRefusal('invalid_request', 'no CONNECT came in time'), undefined, 4408)
    } else if (this.#heartbeats?.review(now, this.#peer) === false) {
      this.#fail(new StompRefusal('invalid_request', 'no heart-beat came in time'), undefined, 1008)
    }
  }

  /** Ends everything. */
  end(): void {
    this.#isOver = true
    this.#subscriptions.end()
    this.#transactions.clear()
    this.#dependencies.memory.release(this.#pendingBytes)
    this.#pendingBytes = 0
  }

  #serve(frame: StompFrame): void {
    const { command, headers } = frame
    if (this.#version === undefined) {
      if (command !== 'CONNECT' && command !== 'STOMP') {
        throw new StompRefusal('unknown_action', `expected CONNECT, got ${quotedStart(command)}`)
      }
      return this.#connect(frame)
    }
    const subscription = command === 'SUBSCRIBE' ? this.#subscriptions.add(headers, this.#version) : undefined
    const receipt = subscription === undefined ? this.#act(frame, this.#version) : undefined
    const { receipt: id } = headers
    if (id !== undefined) this.#answer('RECEIPT', { 'receipt-id': id, ...receipt })
    // Any number of messages may follow.
    subscription?.start()
    if (command === 'DISCONNECT') {
      this.#hasLeft = true
      this.#deadline = this.#dependencies.clock.now() + LEAVE_MS
      this.#subscriptions.end()
    }
  }

  #connect({ headers: sent }: StompFrame): void {
    const { settings, bearers } = this.#dependencies
    const version = newestOf(sent['accept-version'])
    if (version === undefined) {
      throw new StompRefusal(
        'invalid_request',
        `expected accept-version to have one of ${stompVersions.join(', ')}, got ${quotedStart(sent['accept-version'] ?? '')}`,
      )
    }
    const headers = version === '1.0' ? trimmed(sent) : sent
    const { exchange, authorization } = this.#peer
    const token = tokenIn(headers) ?? (authorization === undefined ? undefined : bearerToken(authorization))
    if (token !== undefined) {
      const bearer = bearers.of(token)
      if (typeof bearer === 'string') this.#refuseToken(`the access token is ${bearer}`)
      exchange.bearer = bearer
    } else if (settings.current.auth.mode === 'strict') this.#refuseToken('expected a bearer token')
    this.#heartbeats = new Heartbeats(headers['heart-beat'], parseDuration(settings.current.stomp.heartbeat))
    this.#version = this.#reader.version = version
    const ownMs = Math.ceil(parseDuration(settings.current.stomp.heartbeat))
    this.#answer('CONNECTED', {
      version,
      'heart-beat': `${ownMs},${ownMs}`,
      session: this.#peer.key,
      server: 'loadcell',
    })
  }

  #refuseToken(detail: string): never {
    this.#peer.exchange.account.tokens.refused('invalid_token')
    throw new StompRefusal('invalid_token', detail)
  }

  #act(frame: StompFrame, version: StompVersion): ReceiptHeaders | undefined {
    const { command, headers } = frame
    const { transaction } = headers
    switch (command) {
      case 'SEND':
        if (transaction === undefined) return this.#publisher.send(frame)
        this.#publisher.check(frame)
        this.#transactions.keep(transaction, frame)
        return undefined
      case 'UNSUBSCRIBE':
        this.#subscriptions.remove(headers)
        return undefined
      case 'ACK':
      case 'NACK':
        if (transaction === undefined) this.#subscriptions.settle(frame, version)
        else {
          this.#subscriptions.find(frame, version)
          this.#transactions.keep(transaction, frame)
        }
        return undefined
      case 'BEGIN':
        this.#transactions.begin(transaction)
        return undefined
      case 'COMMIT':
        return this.#commit(this.#transactions.take(transaction), version)
      case 'ABORT':
        this.#transactions.take(transaction)
        return undefined
      case 'DISCONNECT':
        return undefined
      default:
        throw new StompRefusal('unknown_action', `expected a frame of a client, got ${quotedStart(command)}`)
    }
  }

  #commit(frames: readonly StompFrame[], version: StompVersion): ReceiptHeaders {
    const receipt = this.#publisher.sendAll(frames.filter(({ command }) => command === 'SEND'))
    for (const frame of frames) if (frame.command !== 'SEND') this.#subscriptions.settle(frame, version)
    return receipt
  }

  #chargePending(): void {
    const { memory } = this.#dependencies
    const { pendingBytes } = this.#reader
    const more = pendingBytes - this.#pendingBytes
    if (more > 0 && !memory.tryCharge(more)) throw new StompRefusal('memory_exhausted', memory.refusal(more).message)
    if (more < 0) memory.release(-more)
    this.#pendingBytes = pendingBytes
  }

  #answer(command: string, headers: ReceiptHeaders): void {
    const text = writeFrame(command, headers, this.#version ?? '1.2')
    this.#peer.connection.enqueue(new SocketFrame(text, acknowledgement()))
  }

  /** Answers with ERROR, and closes: nothing may follow it. */
  #fail(failure: StompRefusal, frame?: StompFrame, code: KnownCloseCode = closeCodeAfter(failure.code)): void {
    if (this.#isOver) return
    const { receipt } = frame?.headers ?? {}
    const headers = {
      message: failure.message.slice(0, MOST_MESSAGE),
      code: failure.code,
      version: this.#version === undefined ? stompVersions.join(',') : undefined,
      'receipt-id': receipt,
      'content-type': 'text/plain',
      [outcomeHeaders.rejected]: failure.rejected > 0 ? failure.rejected : undefined,
    }
    const text = writeFrame('ERROR', headers, this.#version ?? '1.2', failure.message)
    this.#peer.connection.enqueue(new SocketFrame(text, refusal))
    this.#close(code, failure.message)
  }

  #close(code: KnownCloseCode, reason: string = closeCodes[code].meaning): void {
    this.#isOver = true
    this.#peer.close(code, reason)
  }
}

/** Characters of a header `message`. The body of the ERROR has all of them. */
const MOST_MESSAGE = 200

function trimmed(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.trim(), value.trim()]))
}

/** Returns the token of a CONNECT: `Authorization: Bearer …`, in any case, or `passcode`. */
function tokenIn(headers: Readonly<Record<string, string>>): string | undefined {
  for (const [name, value] of Object.entries(headers)) {
    if (name.toLowerCase() === 'authorization') return bearerToken(value.trim()) ?? value.trim()
  }
  const { passcode } = headers
  return passcode === undefined || passcode === '' ? undefined : passcode
}
