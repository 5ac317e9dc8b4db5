import { chatActions, type ChatMessage } from '../../../contract/sockets/chat.ts'
import { isName, nameRule } from '../../../contract/name.ts'
import { checker } from '../../../core/check.ts'
import { type Clock, preciseWallTime } from '../../../core/clock.ts'
import { quotedStart } from '../../../core/quoted-start.ts'
import type { Settings } from '../../configuration/settings.ts'
import type { Hall } from '../../domain/chat/hall.ts'
import { checkClaim, noRoom } from '../../domain/chat/room-rules.ts'
import { ProblemError } from '../../exchange/problem.ts'
import type { GraphqlCaller } from './caller.ts'

export interface ChatDependencies {
  hall: Hall
  settings: Settings
  clock: Clock
}

const publish = checker(chatActions.publish)
const history = checker(chatActions.history)

/** The chat rooms for callers of GraphQL: the same rooms, rules and sequences as over `/ws/chat`. */
export class GraphqlChat {
  readonly #dependencies: ChatDependencies

  constructor(dependencies: ChatDependencies) {
    this.#dependencies = dependencies
  }

  /** @throws ProblemError or SocketRefusal */
  send(caller: GraphqlCaller, sent: { channel: string; message: ChatMessage }) {
    caller.require('sockets.chat')
    const { hall, settings, clock } = this.#dependencies
    // Objects of the library have no prototype, which checks of schemas do not expect.
    const { channel, message } = JSON.parse(JSON.stringify(sent)) as typeof sent
    if (!publish.check({ channel, message })) throw invalid(publish.errors({ channel, message }))
    const { bearer, tenant } = caller.exchange
    checkClaim(bearer, 'message.senderId', message.senderId, settings)
    const text = JSON.stringify(message)
    const sequence = hall.say({ tenant, channel, written: channel, text, sender: undefined })
    if (sequence === undefined) throw noRoom(channel, settings)
    return { channel, sequence, id: message.id, acceptedAt: preciseWallTime(clock) }
  }

  /** @throws ProblemError */
  history(caller: GraphqlCaller, { channel, after, limit }: { channel: string; after?: number | null; limit: number }) {
    caller.require('sockets.chat')
    if (!history.check({ channel, after, limit })) throw invalid(history.errors({ channel, after, limit }))
    const excerpt = this.#dependencies.hall.excerpt(caller.exchange.tenant, channel, limit, after ?? undefined)
    const { first, messages, complete } = excerpt
    return { complete, messages: messages.map((text, index) => messageOf(channel, first + index, text)) }
  }
}

/** Returns a message as the schema describes it. */
export function messageOf(channel: string, sequence: number, text: string): object {
  return { ...(JSON.parse(text) as object), channel, sequence }
}

/** @throws ProblemError invalid_name */
export function checkChannel(channel: string): void {
  if (isName(channel)) return
  throw new ProblemError('invalid_name', `channel: expected ${nameRule}, got ${quotedStart(channel)}`)
}

function invalid(errors: readonly { pointer: string; detail: string }[]): ProblemError {
  return new ProblemError('invalid_request', errors.map(({ pointer, detail }) => `${pointer}: ${detail}`).join('; '), {
    errors: [...errors],
  })
}
