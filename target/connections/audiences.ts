import { Audience } from './audience.ts'
import type { AudienceMember } from './audience-member.ts'
import type { Frame } from './frame.ts'

/** A connection that gets everything from a source, as one encoder writes it. */
export class Recipient<Encoder> {
  readonly encoder: Encoder
  readonly connection: AudienceMember

  constructor(encoder: Encoder, connection: AudienceMember) {
    this.encoder = encoder
    this.connection = connection
  }
}

/** The recipients of one source, such as a stream or a room: an audience for each encoder. */
export class Audiences<Encoder> {
  /** Created on demand: a source without recipients costs nothing. */
  #audiences: Map<Encoder, Audience> | undefined

  get size(): number {
    let size = 0
    for (const audience of this.#audiences?.values() ?? []) size += audience.size
    return size
  }

  add({ encoder, connection }: Recipient<Encoder>): void {
    this.#audiences ??= new Map()
    let audience = this.#audiences.get(encoder)
    if (audience === undefined) this.#audiences.set(encoder, (audience = new Audience()))
    audience.add(connection)
  }

  /** Returns whether it was there. */
  delete({ encoder, connection }: Recipient<Encoder>): boolean {
    const audience = this.#audiences?.get(encoder)
    if (!audience?.delete(connection)) return false
    if (audience.size === 0) this.#audiences?.delete(encoder)
    return true
  }

  /** @param frameOf returns the frame that an encoder makes */
  offer(frameOf: (encoder: Encoder) => Frame, except?: AudienceMember): void {
    if (this.#audiences === undefined) return
    for (const [encoder, audience] of this.#audiences) audience.offer(frameOf(encoder), except)
  }
}
