import {
  type CollaborationFrame,
  collaborationActions,
  presenceAnswers,
} from '../../../contract/sockets/collaboration.ts'
import type { Settings } from '../../configuration/settings.ts'
import type { Revision, SharedDocument } from '../../domain/collaboration/document.ts'
import { Documents } from '../../domain/collaboration/documents.ts'
import { ProblemError } from '../../exchange/problem.ts'
import { acknowledgement, type Frame } from '../../connections/frame.ts'
import { jsonProtocol } from '../../protocols/json.ts'
import { checkersOf, type Endpoint, type EndpointDependencies, type EndpointSession, type Peer } from '../endpoint.ts'
import type { SentIdentifier } from '../../protocols/sent-frame.ts'
import { SocketRefusal } from '../../protocols/refusal.ts'

/** A change of one member of a document. */
interface News {
  document: SentIdentifier
  state: 'joined' | 'changed' | 'left'
  /** JSON as the member wrote it. */
  presence: string | undefined
}

/** Bytes kept free for the frame that announces a replay. */
const ANNOUNCEMENT_BYTES = 512

const wantsPresence: ReadonlySet<string | undefined> = new Set(presenceAnswers.yes)

/** Documents that several users edit at once. An operation is encoded once for all members. */
export class CollaborationEndpoint implements Endpoint<typeof collaborationActions, CollaborationFrame> {
  readonly operation = 'sockets.collaboration'
  readonly protocol = jsonProtocol('action')
  readonly checkers = checkersOf(collaborationActions)
  readonly #settings: Settings
  readonly #documents: Documents<Peer>

  constructor({ settings, memory, lifecycle }: EndpointDependencies) {
    this.#settings = settings
    this.#documents = new Documents(settings, memory)
    lifecycle.onReset('data', () => this.#documents.reset())
  }

  onConnect(peer: Peer<CollaborationFrame>): EndpointSession<typeof collaborationActions> {
    const { subscriptions } = peer
    return {
      on: {
        join_document: (frame, sent) => {
          const called = sent.identifier('documentId', frame.documentId)
          const { sequence, text, members } = this.#join(peer, called, sent.textOf('presence'))
          const state = { documentId: called.written, sequence, text, members: members.size }
          peer.reply({ type: 'document_joined', ...state }, acknowledgement(called.name))
        },
        leave_document: (frame, sent) => {
          const called = sent.identifier('documentId', frame.documentId)
          if (subscriptions.delete(called.name)) this.#leave(peer, called)
          peer.reply({ type: 'document_left', documentId: called.written }, acknowledgement(called.name))
        },
        apply_operation: (frame, sent) => {
          const called = sent.identifier('documentId', frame.documentId)
          const document = this.#joined(peer, called.name)
          const revisions = refusing(() => this.#documents.apply(document, frame.operation, authorOf(peer)))
          for (const revision of revisions) {
            const frame = this.#encode(called, revision)
            for (const { connection } of document.members) connection.enqueue(frame)
          }
        },
        resume_session: (frame, sent) => {
          const called = sent.identifier('documentId', frame.documentId)
          const document = this.#join(peer, called, undefined)
          const { sequence, text } = document
          const missed = document.since(frame.lastSequence)?.map(revision => this.#encode(called, revision))
          const frames = missed !== undefined && fit(missed, peer.connection.roomBytes) ? missed : undefined
          const session = { documentId: called.written, sequence, replayed: frames?.length ?? 0 }
          const resync = frames === undefined && { resync: { text } }
          peer.reply({ type: 'session_resumed', ...session, ...resync }, acknowledgement(called.name))
          for (const frame of frames ?? []) peer.connection.enqueue(frame)
        },
        update_presence: (frame, sent) => {
          const called = sent.identifier('documentId', frame.documentId)
          const { members } = this.#joined(peer, called.name)
          this.#tell(members, peer, { document: called, presence: sent.textOf('presence'), state: 'changed' })
          peer.reply({ type: 'presence_updated', documentId: called.written }, acknowledgement(called.name))
        },
      },
      onDisconnect: () => {
        for (const name of subscriptions) this.#leave(peer, { name, written: name })
      },
    }
  }

  #join(peer: Peer, called: SentIdentifier, presence: string | undefined): SharedDocument<Peer> {
    const { tenant, subscriptions } = peer
    const { name } = called
    const isNew = subscriptions.add([name]).size > 0
    const document = this.#documents.join(tenant, name, peer)
    if (document === undefined) {
      subscriptions.delete(name)
      const { documents } = this.#settings.current.collaboration
      throw new SocketRefusal(
        'too_many_channels',
        `${documents} documents have members already (collaboration.documents), so ${name} cannot be created`,
      )
    }
    if (isNew) this.#tell(document.members, peer, { document: called, presence, state: 'joined' })
    return document
  }

  #leave(peer: Peer, called: SentIdentifier): void {
    const document = this.#documents.leave(peer.tenant, called.name, peer)
    if (document !== undefined) {
      this.#tell(document.members, peer, { document: called, presence: undefined, state: 'left' })
    }
  }

  #joined(peer: Peer, name: string): SharedDocument<Peer> {
    const document = this.#documents.find(peer.tenant, name)
    if (document?.members.has(peer)) return document
    throw new SocketRefusal(
      'not_subscribed',
      `expected a document that this client has joined, got ${name}: send join_document first`,
    )
  }

  /** Tells the other members of a document about one of them, if they asked for presence. */
  #tell(members: Iterable<Peer>, about: Peer, news: News): void {
    let encodedNews: Frame | undefined
    for (const member of members) {
      if (member === about || !wantsPresence.has(member.query['presence'])) continue
      encodedNews ??= this.#encodeNews(about, news)
      member.connection.enqueue(encodedNews)
    }
  }

  #encodeNews(about: Peer, { document, presence = 'null', state }: News): Frame {
    const { name, written: documentId } = document
    const head = JSON.stringify({ type: 'presence', documentId, member: authorOf(about), state }).slice(0, -1)
    return this.protocol.encode({
      message: `${head},"presence":${presence}}`,
      about: { kind: 'event', channel: name, sequence: 'presence' },
    })
  }

  #encode({ name, written: documentId }: SentIdentifier, { sequence, operation, author }: Revision): Frame {
    const message: CollaborationFrame = { type: 'operation_applied', documentId, sequence, operation, author }
    return this.protocol.encode({ message, about: { kind: 'event', channel: name, sequence } })
  }
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
