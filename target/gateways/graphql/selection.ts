import { execute, type ExecutionResult, GraphQLError, type GraphQLSchema } from 'graphql'
import type { GraphqlRequest } from '../../../contract/api/graphql.ts'
import type { EventPlace, MessagePlace } from '../../../contract/graphql/protocol.ts'
import type { RoomMessage } from '../../domain/chat/room-message.ts'
import type { OutgoingEvent } from '../../protocols/stream-protocol.ts'
import { messageOf } from './chat.ts'
import type { Prepared } from './documents.ts'

/** The source that a subscription follows, as its arguments say. */
export type FollowedSource =
  | {
      kind: 'events'
      streams: string[]
      after?: string | null
      from?: 'latest' | 'earliest' | null
      types?: string[] | null
      partitions?: number[] | null
      group?: string | null
    }
  | { kind: 'messages'; channel: string }

interface SelectionOptions {
  schema: GraphQLSchema
  prepared: Prepared
  request: GraphqlRequest
  /** Name of the field in answers: an alias perhaps. */
  field: string
}

/** Finds what a subscription follows, by executing it with functions that only take its arguments. */
export function followedBy(
  schema: GraphQLSchema,
  prepared: Prepared,
  request: GraphqlRequest,
): { followed: FollowedSource; field: string } | { errors: readonly GraphQLError[] } {
  let followed: FollowedSource | undefined
  const take =
    (kind: FollowedSource['kind']) =>
    (given: object): null => {
      followed = { kind, ...given } as FollowedSource
      return null
    }
  const rootValue = { events: take('events'), messages: take('messages') }
  const { data, errors } = executed({ schema, prepared, request }, rootValue)
  if (errors !== undefined) return { errors }
  const field = Object.keys(data ?? {})[0]
  // A directive may have left out the only field.
  if (field === undefined || followed === undefined) return { errors: [noField()] }
  return { followed, field }
}

/** The fields that a client wants of each event or message. Clients with equal subscriptions share one, and with it each payload. */
export class FieldSelection {
  readonly #options: SelectionOptions
  #source: OutgoingEvent | RoomMessage | undefined
  #payload = ''

  constructor(options: SelectionOptions) {
    this.#options = options
  }

  /** Returns the result for an event, as JSON. The last one is remembered, because all followers get an event in turn. */
  ofEvent(event: OutgoingEvent): string {
    if (this.#source === event) return this.#payload
    const { cursor, about, text } = event
    const { channel: stream, partition, offset } = about
    const place: EventPlace = { stream, partition, offset, cursor }
    return this.#remember(event, { events: { ...(JSON.parse(text) as object), cursor } }, { event: place })
  }

  /** Returns the result for a message of a room, as JSON. */
  ofMessage(message: RoomMessage): string {
    if (this.#source === message) return this.#payload
    const { channel, sequence, text } = message
    const place: MessagePlace = { channel, sequence }
    return this.#remember(message, { messages: messageOf(channel, sequence, text) }, { message: place })
  }

  /** Returns a result without an event, for what concerns the subscription itself. */
  ofControl(extensions: object): string {
    return JSON.stringify({ data: { [this.#options.field]: null }, extensions })
  }

  #remember(source: OutgoingEvent | RoomMessage, rootValue: object, extensions: object): string {
    const { data, errors } = executed(this.#options, rootValue)
    this.#payload = JSON.stringify({ ...(errors !== undefined && { errors }), data, extensions })
    this.#source = source
    return this.#payload
  }
}

function executed(
  { schema, prepared, request }: Pick<SelectionOptions, 'schema' | 'prepared' | 'request'>,
  rootValue: object,
): ExecutionResult {
  return execute({
    schema,
    document: prepared.document,
    rootValue,
    variableValues: request.variables,
    operationName: request.operationName,
  }) as ExecutionResult
}

function noField(): GraphQLError {
  return new GraphQLError('expected a subscription with a field', { extensions: { code: 'invalid_request' } })
}
