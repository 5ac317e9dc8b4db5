import type { ServerResponse } from 'node:http'

export const MOST_RESPONSES = 16
/** A page takes a longer silence for a broken connection. */
const HEARTBEAT_MS = 5000

/** The open responses by which the viewers of a page follow its feed, as server-sent events. There is a limit to their number. */
export class EventResponses<Viewer extends { readonly response: ServerResponse }> implements Iterable<Viewer> {
  readonly #viewers = new Set<Viewer>()
  readonly #heart: NodeJS.Timeout
  #gone: () => void = () => {}

  constructor() {
    this.#heart = setInterval(() => this.#beat(), HEARTBEAT_MS)
    this.#heart.unref()
  }

  get count(): number {
    return this.#viewers.size
  }

  [Symbol.iterator](): Iterator<Viewer> {
    return this.#viewers.values()
  }

  /** Begins to serve a viewer. @returns false if there are too many */
  add(viewer: Viewer, first: () => string): boolean {
    if (this.#viewers.size >= MOST_RESPONSES) return false
    this.#viewers.add(viewer)
    const { response } = viewer
    response.on('close', () => {
      this.#viewers.delete(viewer)
      if (this.#viewers.size === 0) this.#gone()
    })
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    response.write(first())
    return true
  }

  /** Resolves once nobody looks any more. */
  async gone(): Promise<void> {
    if (this.#viewers.size === 0) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#gone = resolve
    await promise
  }

  /** Ends all of them, after what they have been sent. */
  close(): void {
    clearInterval(this.#heart)
    for (const { response } of this.#viewers) response.end()
  }

  #beat(): void {
    for (const { response } of this.#viewers) if (!response.writableNeedDrain) response.write(':\n\n')
  }
}
