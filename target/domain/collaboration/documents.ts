import type { TextOperation } from '../../../contract/sockets/collaboration.ts'
import type { Settings } from '../../configuration/settings.ts'
import type { MemoryBudget, MemoryTable } from '../../memory/budget.ts'
import { ProblemError } from '../../exchange/problem.ts'
import { Venues } from '../venues.ts'
import { type Revision, SharedDocument } from './document.ts'

/** An insertion is kept in the text and in its operation, with up to two bytes per character. */
const OPERATION_COPIES = 4

/** The documents of all tenants, bounded in number and bytes. */
export class Documents<Member> {
  readonly #settings: Settings
  readonly #memory: MemoryTable
  readonly #venues: Venues<SharedDocument<Member>>
  #bytes = 0
  /**
   * Highest sequence of a forgotten document. New documents continue from there, so that no client resumes an older
   * one.
   */
  #lastSequence = 0

  constructor(settings: Settings, memory: MemoryBudget) {
    this.#settings = settings
    this.#memory = memory.table('documents', () => this.#venues.forgetOldest() || this.#forgetOperation())
    this.#venues = new Venues(
      this.#memory,
      () => new SharedDocument(this.#lastSequence, () => this.#settings.current.collaboration),
      document => {
        this.#grew(-document.bytes)
        this.#lastSequence = Math.max(this.#lastSequence, document.sequence)
      },
    )
  }

  /** Adds the member to a document and returns the document; undefined if no further document may be made. */
  join(tenant: string, id: string, member: Member): SharedDocument<Member> | undefined {
    const document = this.#venues.open(tenant, id, this.#settings.current.collaboration.documents)
    document?.members.add(member)
    return document
  }

  /** Removes the member from a document; returns the document if it was there. */
  leave(tenant: string, id: string, member: Member): SharedDocument<Member> | undefined {
    const document = this.find(tenant, id)
    if (!document?.members.delete(member)) return undefined
    this.#venues.left(tenant, id)
    return document
  }

  find(tenant: string, id: string): SharedDocument<Member> | undefined {
    return this.#venues.find(tenant, id)
  }

  /** @throws ProblemError `invalid_request` */
  apply(document: SharedDocument<Member>, operation: TextOperation, author: string): Revision[] {
    const { memoryBytes } = this.#settings.current.collaboration
    while (this.#bytes > memoryBytes && this.#venues.forgetOldest());
    while (this.#bytes > memoryBytes && this.#counted(document, () => document.forgetOldest()));
    if (operation.type === 'insert_text' && this.#bytes > memoryBytes) {
      throw new ProblemError(
        'invalid_request',
        `there are ${memoryBytes} bytes of documents already (collaboration.memoryBytes): delete something first`,
      )
    }
    if (operation.type === 'insert_text') this.#memory.requireRoom(OPERATION_COPIES * operation.text.length)
    return this.#counted(document, () => document.apply(operation, author))
  }

  /** Forgets all documents without members. */
  reset(): void {
    this.#venues.forgetEmpty()
    this.#lastSequence = 0
  }

  #counted<T>(document: SharedDocument<Member>, change: () => T): T {
    const before = document.bytes
    const result = change()
    this.#grew(document.bytes - before)
    return result
  }

  /** Forgets the oldest operation of the document that takes the most memory. */
  #forgetOperation(): boolean {
    let largest: SharedDocument<Member> | undefined
    for (const document of this.#venues.all()) {
      if (document.operations > 0 && document.bytes > (largest?.bytes ?? 0)) largest = document
    }
    return largest !== undefined && this.#counted(largest, () => largest.forgetOldest())
  }

  #grew(bytes: number): void {
    this.#bytes += bytes
    this.#memory.adjust(bytes)
  }
}
