import type { Static } from 'typebox'
import { Type } from '../../core/schema.ts'
import { Identifier, Maybe, Moment, Ping, type PongContent } from './frames.ts'

/** Values of `?presence=`, by meaning. */
export const presenceAnswers = { yes: ['1', 'true', 'True', 'yes'], no: ['0', 'false', 'False', 'no'] } as const

const DocumentId = Identifier("the id of a document such as 'doc-1'")

/**
 * Positions and lengths count UTF-16 code units, as JavaScript’s strings do. `base` is the sequence of the text that the
 * author saw; without it, the newest. A position past the end of that text means its end. An operation without characters
 * changes nothing, but has a sequence like any other.
 */
export const TextOperation = Type.Union(
  [
    Type.Object({
      type: Type.Literal('insert_text'),
      position: Type.Integer({ minimum: 0 }),
      text: Type.String({ maxLength: 65_536 }),
      base: Maybe(Type.Integer({ minimum: 0 })),
    }),
    Type.Object({
      type: Type.Literal('delete_text'),
      position: Type.Integer({ minimum: 0 }),
      length: Type.Integer({ minimum: 0 }),
      base: Maybe(Type.Integer({ minimum: 0 })),
    }),
  ],
  { expected: '{type: insert_text, position, text} or {type: delete_text, position, length}' },
)
export type TextOperation = Static<typeof TextOperation>

/**
 * An operation as it was applied to the previous text, transformed against the operations that its author had not seen. A
 * deletion of text that others had already deleted has a length of 0.
 */
export type AppliedOperation =
  | { type: 'insert_text'; position: number; text: string }
  | { type: 'delete_text'; position: number; length: number }

/** Frames that a client may send to `/ws/collaboration`, by `action`. */
export const collaborationActions = {
  join_document: Type.Object({ documentId: DocumentId, presence: Type.Optional(Type.Unknown()) }),
  leave_document: Type.Object({ documentId: DocumentId }),
  apply_operation: Type.Object({
    documentId: DocumentId,
    operation: TextOperation,
    clientTimestamp: Maybe(Moment),
  }),
  resume_session: Type.Object({ documentId: DocumentId, lastSequence: Type.Integer({ minimum: 0 }) }),
  update_presence: Type.Object({ documentId: DocumentId, presence: Type.Unknown() }),
  ping: Ping,
} as const

/**
 * A frame that the target sends. A document’s sequence grows by one with every operation. Clients that apply the operations
 * in this order have equal texts. A deletion into which others had inserted text is sent as several consecutive operations.
 */
export type CollaborationFrame =
  | { type: 'document_joined'; documentId: Identifier; sequence: number; text: string; members: number }
  | { type: 'document_left'; documentId: Identifier }
  | { type: 'operation_applied'; documentId: Identifier; sequence: number; operation: AppliedOperation; author: string }
  | {
      type: 'session_resumed'
      documentId: Identifier
      sequence: number
      /** Number of operations that follow this frame. */
      replayed: number
      /** The whole text, if the missed operations are no longer kept or too many. */
      resync?: { text: string }
    }
  /** Answers `update_presence`. */
  | { type: 'presence_updated'; documentId: Identifier }
  /** Presence of the other members, for clients that asked for it with `?presence=1`. */
  | {
      type: 'presence'
      documentId: Identifier
      member: string
      presence: unknown
      state: 'joined' | 'changed' | 'left'
    }
  | ({ type: 'pong' } & PongContent)
