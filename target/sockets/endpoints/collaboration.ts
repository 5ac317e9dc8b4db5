import {
  type CollaborationFrame,
  collaborationActions,
  presenceAnswers,
} from '../../../contract/sockets/collaboration.ts'
import type { Identifier } from '../../../contract/sockets/frames.ts'
import type { Clock } from '../../../core/clock.ts'
import type { Settings } from '../../configuration/settings.ts'
import type { Lifecycle } from '../../lifecycle/lifecycle.ts'
import type { Revision, SharedDocument } from '../../domain/collaboration/document.ts'
import { Documents } from '../../domain/collaboration/documents.ts'
import { ProblemError } from '../../exchange/problem.ts'
import type { MemoryBudget } from '../../memory/budget.ts'
import { acknowledgement, type AnswerAbout, type Frame, pong } from '../../connections/frame.ts'
import { encodeJson } from '../../protocols/json.ts'
import type { Endpoint, Peer, EndpointSession } from '../endpoint.ts'
import type { SentFrame } from '../../protocols/sent-frame.ts'
import { SocketRefusal } from '../../protocols/refusal.ts'
import { pongOf } from './pong.ts'

export interface CollaborationDependencies {
  settings: Settings
  clock: Clock
  memory: MemoryBudget
  lifecycle: Lifecycle
}

/** A change of one member of a document. */
interface News {
  called: Called
  state: 'joined' | 'changed' | 'left'
  /** JSON as the member wrote it. */
  presence: string | undefined
}

/** Name of the document that a frame is about, and its id as the client wrote it, for answers. */
interface Called {
  name: string
  documentId: Identifier
}

/** Room for the frame that announces a replay. */
const ANNOUNCEMENT_BYTES = 512

const wantsPresence: ReadonlySet<string | undefined> = new Set(presenceAnswers.yes)

/** Documents that several people edit at once. An operation is encoded once for all members. */
export class CollaborationEndpoint implements Endpoint<typeof collaborationActions> {
  readonly operation = 'sockets.collaboration'
  readonly verb = 'action'
  readonly actions = collaborationActions
  readonly #settings: Settings
  readonly #clock: Clock
  readonly #documents: Documents<Peer>

  constructor({ settings, clock, memory, lifecycle }: CollaborationDependencies) {
    this.#settings = settings
    this.#clock = clock
    this.#documents = new Documents(settings, memory)
    lifecycle.onReset('data', () => this.#documents.reset())
  }

  onConnect(peer: Peer): EndpointSession<typeof collaborationActions> {
    const { subscriptions } = peer
    const reply = (frame: CollaborationFrame, about: AnswerAbout) => peer.reply(frame, about)
    return {
      on: {
        join_document: (frame, sent) => {
          const called = calledBy(frame, sent)
          const { name, documentId } = called
          const { sequence, text, members } = this.#join(peer, called, sent.textOf('presence'))
          reply({ type: 'document_joined', documentId, sequence, text, members: members.size }, acknowledgement(name))
        },
        leave_document: (frame, sent) => {
          const called = calledBy(frame, sent)
          if (subscriptions.delete(called.name)) this.#leave(peer, called)
          reply({ type: 'document_left', documentId: called.documentId }, acknowledgement(called.name))
        },
        apply_operation: (frame, sent) => {
          const called = calledBy(frame, sent)
          const document = this.#joined(peer, called.name)
          const revisions = refusing(() => this.#documents.apply(document, frame.operation, authorOf(peer)))
          for (const revision of revisions) {
            const frame = encoded(called, revision)
            for (const { connection } of document.members) connection.enqueue(frame)
          }
        },
        resume_session: (frame, sent) => {
          const called = calledBy(frame, sent)
          const { name, documentId } = called
          const document = this.#join(peer, called, undefined)
          const { sequence, text } = document
          const frames = document.since(frame.lastSequence)?.map(revision => encoded(called, revision))
          if (frames === undefined || !fit(frames, peer.connection.roomBytes)) {
            const resync = { text }
            return reply({ type: 'session_resumed', documentId, sequence, replayed: 0, resync }, acknowledgement(name))
          }
          reply({ type: 'session_resumed', documentId, sequence, replayed: frames.length }, acknowledgement(name))
          for (const frame of frames) peer.connection.enqueue(frame)
        },
        update_presence: (frame, sent) => {
          const called = calledBy(frame, sent)
          const { members } = this.#joined(peer, called.name)
          tell(members, peer, { called, presence: sent.textOf('presence'), state: 'changed' })
          reply({ type: 'presence_updated', documentId: called.documentId }, acknowledgement(called.name))
        },
        ping: (ping, sent) => reply({ type: 'pong', ...pongOf(ping, sent, this.#clock) }, pong),
      },
      onDisconnect: () => {
        for (const name of subscriptions) this.#leave(peer, { name, documentId: name })
      },
    }
  }

  #join(peer: Peer, called: Called, presence: string | undefined): SharedDocument<Peer> {
    const { tenant, subscriptions } = peer
    const { name } = called
    const isNew = subscriptions.add([name]).size > 0
    const document = this.#documents.join(tenant, name, peer)
    if (document === undefined) {
      subscriptions.delete(name)
      const { documents } = this.#settings.current.collaboration
      throw new SocketRefusal(
        'too_many_channels',
        `${documents} documents have members already (collaboration.documents), so ${name} cannot be made`,
      )
    }
    if (isNew) tell(document.members, peer, { called, presence, state: 'joined' })
    return document
  }

  #leave(peer: Peer, called: Called): void {
    const document = this.#documents.leave(peer.tenant, called.name, peer)
    if (document !== undefined) tell(document.members, peer, { called, presence: undefined, state: 'left' })
  }

  #joined(peer: Peer, name: string): SharedDocument<Peer> {
    const document = this.#documents.find(peer.tenant, name)
    if (document?.members.has(peer)) return document
    throw new SocketRefusal('not_subscribed', `expected a document that was joined, got ${name}: join_document first`)
  }
}

/** Tells the other members of a document about one of them, if they asked for presence. */
function tell(members: Iterable<Peer>, about: Peer, news: News): void {
  let encodedNews: Frame | undefined
  for (const member of members) {
    if (member === about || !wantsPresence.has(member.query['presence'])) continue
    encodedNews ??= encodedPresence(about, news)
    member.connection.enqueue(encodedNews)
  }
}

function encodedPresence(about: Peer, { called, presence = 'null', state }: News): Frame {
  const { name, documentId } = called
  const head = JSON.stringify({ type: 'presence', documentId, member: authorOf(about), state }).slice(0, -1)
  return encodeJson({
    message: `${head},"presence":${presence}}`,
    about: { kind: 'event', channel: name, sequence: 'presence' },
  })
}

function calledBy({ documentId }: { documentId: Identifier }, sent: SentFrame): Called {
  return { name: sent.nameOf('documentId', documentId), documentId: sent.written('documentId', documentId) }
}

function encoded({ name, documentId }: Called, { sequence, operation, author }: Revision): Frame {
  const frame: CollaborationFrame = { type: 'operation_applied', documentId, sequence, operation, author }
  return encodeJson({ message: frame, about: { kind: 'event', channel: name, sequence } })
}

function fit(frames: readonly Frame[], roomBytes: number): boolean {
  return frames.reduce((sum, frame) => sum + frame.bytes.length, ANNOUNCEMENT_BYTES) <= roomBytes
}

function authorOf({ bearer, key }: Peer): string {
  return bearer?.subject ?? key
}

/** Turns a problem of the domain into a refusal on sockets. */
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
