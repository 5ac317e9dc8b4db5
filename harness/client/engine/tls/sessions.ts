/** Sessions kept in all. Each takes a few kilobytes, because it holds the server's certificates. */
const MOST_SESSIONS = 4096

/**
 * TLS sessions of connections that have closed, by server. Each is resumed by one new connection, as a client that
 * reconnects does. Connections that are open at once each had a handshake of their own, as those of different clients have.
 */
export class Sessions {
  readonly #free = new Map<string, Buffer[]>()
  #count = 0

  /** Returns a session that no other connection resumes; undefined if there is none. */
  take(server: string): Buffer | undefined {
    const session = this.#free.get(server)?.pop()
    if (session !== undefined) this.#count -= 1
    return session
  }

  give(server: string, session: Buffer): void {
    if (this.#count >= MOST_SESSIONS) return
    const free = this.#free.get(server)
    if (free === undefined) this.#free.set(server, [session])
    else free.push(session)
    this.#count += 1
  }
}
