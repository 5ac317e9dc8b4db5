import {
  type CollaborationFrame,
  collaborationActions,
  presenceAnswers,
} from '../../../contract/sockets/collaboration.ts'
import type { Identifier } from '../../../contract/sockets/frames.ts'
import type { Clock } from '../../../core/clock.ts'
import type { Settings } from '../../configuration/settings.ts'
import type { Revision, SharedDocument } from '../../domain/collaboration/document.ts'
import { Documents } from '../../domain/collaboration/documents.ts'
import { ProblemError } from '../../problem.ts'
import type { MemoryBudget } from '../../memory/budget.ts'
import { SocketFrame } from '../../transport/socket-frame.ts'
import type { Endpoint, Peer, Visit } from '../endpoint.ts'
import { SocketRefusal } from '../refusal.ts'
import { pong } from './pong.ts'

export interface CollaborationParts {
  settings: Settings
  clock: Clock
  memory: MemoryBudget
}

/** What changed about a member of a document. */
type News = Pick<Extract<CollaborationFrame, { type: 'presence' }>, 'documentId' | 'presence' | 'state'>

/** Room that the frame which announces a replay may take. */
const ANNOUNCEMENT_BYTES = 512

const wantsPresence: ReadonlySet<string | undefined> = new Set(presenceAnswers.yes)

/** Documents that several people edit at once: an operation is encoded once, for its author and everybody else. */
export class CollaborationEndpoint implements Endpoint<typeof collaborationActions> {
  readonly operation = 'sockets.collaboration'
  readonly verb = 'action'
  readonly actions = collaborationActions
  readonly #settings: Settings
  readonly #clock: Clock
  readonly #documents: Documents<Peer>

  constructor({ settings, clock, memory }: CollaborationParts) {
    this.#settings = settings
    this.#clock = clock
    this.#documents = new Documents(settings, memory)
  }

  welcome(peer: Peer): Visit<typeof collaborationActions> {
    const { subscriptions } = peer
    const reply = (frame: CollaborationFrame) => peer.reply(frame)
    return {
      on: {
        join_document: ({ documentId, presence }) => {
          const { sequence, text, members } = this.#join(peer, documentId, presence)
          reply({ type: 'document_joined', documentId, sequence, text, members: members.size })
        },
        leave_document: ({ documentId }) => {
          if (subscriptions.delete(String(documentId))) this.#leave(peer, documentId)
          reply({ type: 'document_left', documentId })
        },
        apply_operation: ({ documentId, operation }) => {
          const document = this.#joined(peer, documentId)
          const revisions = refusing(() => this.#documents.apply(document, operation, authorOf(peer)))
          for (const revision of revisions) {
            const frame = encoded(documentId, revision)
            for (const { connection } of document.members) connection.send(frame)
          }
        },
        resume_session: ({ documentId, lastSequence }) => {
          const document = this.#join(peer, documentId, undefined)
          const { sequence, text } = document
          const frames = document.since(lastSequence)?.map(revision => encoded(documentId, revision))
          if (frames === undefined || !fit(frames, peer.connection.roomBytes)) {
            return reply({ type: 'session_resumed', documentId, sequence, replayed: 0, resync: { text } })
          }
          reply({ type: 'session_resumed', documentId, sequence, replayed: frames.length })
          for (const frame of frames) peer.connection.send(frame)
        },
        update_presence: ({ documentId, presence }) => {
          const { members } = this.#joined(peer, documentId)
          tell(members, peer, { documentId, presence, state: 'changed' })
          reply({ type: 'presence_updated', documentId })
        },
        ping: ping => reply({ type: 'pong', ...pong(ping, this.#clock) }),
      },
      left: () => {
        for (const documentId of subscriptions) this.#leave(peer, documentId)
      },
    }
  }

  /** Forgets the documents that nobody is in. */
  reset(): void {
    this.#documents.reset()
  }

  #join(peer: Peer, documentId: Identifier, presence: unknown): SharedDocument<Peer> {
    const { tenant, subscriptions } = peer
    const name = String(documentId)
    const isNew = subscriptions.add([name]).size > 0
    const document = this.#documents.join(tenant, name, peer)
    if (document === undefined) {
      subscriptions.delete(name)
      const { documents } = this.#settings.current.collaboration
      throw new SocketRefusal(
        'too_many_channels',
        `${documents} documents have members already (collaboration.documents), so ${documentId} cannot be made`,
      )
    }
    if (isNew) tell(document.members, peer, { documentId, presence, state: 'joined' })
    return document
  }

  #leave(peer: Peer, documentId: Identifier): void {
    const document = this.#documents.leave(peer.tenant, String(documentId), peer)
    if (document !== undefined) tell(document.members, peer, { documentId, presence: undefined, state: 'left' })
  }

  #joined(peer: Peer, documentId: Identifier): SharedDocument<Peer> {
    const document = this.#documents.find(peer.tenant, String(documentId))
    if (document?.members.has(peer)) return document
    throw new SocketRefusal(
      'not_subscribed',
      `expected a document that was joined, got ${documentId}: join_document first`,
    )
  }
}

/** Tells the others of a document about one of its members, as far as they asked to be told. */
function tell(members: Iterable<Peer>, about: Peer, news: News): void {
  let encodedNews: SocketFrame | undefined
  for (const member of members) {
    if (member === about || !wantsPresence.has(member.query['presence'])) continue
    encodedNews ??= encodedPresence(about, news)
    member.connection.send(encodedNews)
  }
}

function encodedPresence(about: Peer, { documentId, presence = null, state }: News): SocketFrame {
  const frame: CollaborationFrame = { type: 'presence', documentId, member: authorOf(about), presence, state }
  return new SocketFrame(JSON.stringify(frame), `${documentId}@presence`)
}

function encoded(documentId: Identifier, { sequence, operation, author }: Revision): SocketFrame {
  const frame: CollaborationFrame = { type: 'operation_applied', documentId, sequence, operation, author }
  return new SocketFrame(JSON.stringify(frame), `${documentId}@${sequence}`)
}

function fit(frames: readonly SocketFrame[], roomBytes: number): boolean {
  return frames.reduce((sum, frame) => sum + frame.bytes.length, ANNOUNCEMENT_BYTES) <= roomBytes
}

function authorOf({ bearer, key }: Peer): string {
  return bearer?.subject ?? key
}

/** A refusal of the domain, as sockets put it. */
function refusing<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof ProblemError) {
      throw new SocketRefusal(error.code === 'memory_exhausted' ? error.code : 'invalid_request', error.message)
    }
    throw error
  }
}
