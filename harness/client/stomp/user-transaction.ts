import type { StompHeaders } from '../../../contract/stomp/frame.ts'
import type { StompMessage, StompSendOptions, StompTransaction } from '../../scenario/stomp.ts'
import type { UserStomp } from './user-stomp.ts'
import { UserMessage } from './user-subscription.ts'

/** A transaction of a scenario. */
export class UserTransaction implements StompTransaction {
  readonly #connection: UserStomp
  readonly #id: string
  /** Destinations of what was sent in it. */
  readonly #destinations: string[] = []

  constructor(connection: UserStomp, id: string) {
    this.#connection = connection
    this.#id = id
  }

  async send(
    destination: string,
    body: unknown,
    { headers }: Pick<StompSendOptions, 'headers'> = {},
  ): Promise<boolean> {
    this.#destinations.push(destination)
    return this.#connection.write('SEND', { destination, ...headers, transaction: this.#id }, body)
  }

  ack(message: StompMessage): Promise<boolean> {
    return this.#settle('ACK', message)
  }

  nack(message: StompMessage): Promise<boolean> {
    return this.#settle('NACK', message)
  }

  commit(options: Pick<StompSendOptions, 'timeout' | 'name'> = {}): Promise<StompHeaders | undefined> {
    return this.#connection.publish('COMMIT', { transaction: this.#id }, undefined, this.#destinations, options)
  }

  abort(): Promise<boolean> {
    return this.#connection.write('ABORT', { transaction: this.#id })
  }

  #settle(command: 'ACK' | 'NACK', message: StompMessage): Promise<boolean> {
    if (!(message instanceof UserMessage)) throw new TypeError('expected a message of a subscription')
    return message.subscription.settle(command, message.frame, this.#id)
  }
}
