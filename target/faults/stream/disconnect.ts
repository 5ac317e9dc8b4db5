import type { Exchange } from '../../exchange/exchange.ts'
import type { Connection } from '../../connections/connection.ts'
import type { Wire } from '../../connections/wire.ts'
import type { Wait } from '../../../core/delay-queue.ts'
import type { Injection } from '../injection.ts'
import type { ConnectionEffect, ConnectionFault, ConnectionFaultDependencies } from './connection-fault.ts'

export const disconnect: ConnectionFault<'disconnect'> = {
  begin: (injection, dependencies) => new Disconnection(injection, dependencies),
}

/** Cuts a connection at once, or after a number of messages or a time, whichever comes first. */
class Disconnection implements ConnectionEffect {
  readonly #injection: Injection<'disconnect'>
  readonly #connection: Connection
  readonly #exchange: Pick<Exchange, 'reset'>
  readonly #wait: Wait | undefined
  #messagesLeft: number

  constructor(
    injection: Injection<'disconnect'>,
    { clock, delays, connection, exchange }: ConnectionFaultDependencies,
  ) {
    const { after, afterMessages } = injection.fault
    this.#injection = injection
    this.#connection = connection
    this.#exchange = exchange
    this.#messagesLeft = afterMessages ?? Number.POSITIVE_INFINITY
    if (after !== undefined) {
      const plannedMs = injection.drawMs()
      const startedAt = clock.now()
      this.#wait = delays.at(startedAt + plannedMs, () => {
        injection.delayed(plannedMs, clock.now() - startedAt)
        this.#cut()
      })
    }
    if (afterMessages === 0 || (after === undefined && afterMessages === undefined)) this.#cut()
  }

  sent(): void {
    this.#messagesLeft -= 1
    if (this.#messagesLeft === 0) this.#cut()
  }

  cancel(): void {
    this.#wait?.cancel()
    this.#messagesLeft = Number.POSITIVE_INFINITY
  }

  #cut(): void {
    const { code } = this.#injection.fault
    this.#connection.close('fault', code === undefined ? this.#reset : wire => wire.end('fault', code))
  }

  /** Resets the connection after everything was written, because a RST discards what the socket still holds. */
  readonly #reset = ({ socket }: Wire): void => {
    socket.write('', () => this.#exchange.reset())
  }
}
