import type { ServerResponse } from 'node:http'
import type { RunFeedMessage } from '../../pages/run-feed.ts'

export const MOST_VIEWERS = 16
/** A page takes a longer silence for a broken connection. */
const HEARTBEAT_MS = 5000

interface RunViewer {
  response: ServerResponse
  /** It has missed a message, because it read too slowly. */
  isBehind: boolean
}

/** The viewers of the page of a run. A message is written once for all of them; one who is slow skips messages. */
export class RunViewers {
  readonly #message: (isWhole: boolean) => RunFeedMessage
  readonly #viewers = new Set<RunViewer>()
  readonly #heart: NodeJS.Timeout
  #gone: () => void = () => {}

  /** @param message makes what a viewer gets now */
  constructor(message: (isWhole: boolean) => RunFeedMessage) {
    this.#message = message
    this.#heart = setInterval(() => this.#beat(), HEARTBEAT_MS)
    this.#heart.unref()
  }

  get count(): number {
    return this.#viewers.size
  }

  /** Begins to serve a viewer. @returns false if there are too many */
  add(response: ServerResponse): boolean {
    if (this.#viewers.size >= MOST_VIEWERS) return false
    const viewer = { response, isBehind: false }
    this.#viewers.add(viewer)
    response.on('close', () => {
      this.#viewers.delete(viewer)
      if (this.#viewers.size === 0) this.#gone()
    })
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    response.write(eventOf(this.#message(true)))
    return true
  }

  /** Sends what is new. */
  send(): void {
    if (this.#viewers.size === 0) return
    const news = eventOf(this.#message(false))
    let whole: string | undefined
    for (const viewer of this.#viewers) {
      if (viewer.response.writableNeedDrain) viewer.isBehind = true
      else if (viewer.isBehind) {
        viewer.isBehind = false
        viewer.response.write((whole ??= eventOf(this.#message(true))))
      } else viewer.response.write(news)
    }
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

function eventOf(message: RunFeedMessage): string {
  return `event: run\ndata: ${JSON.stringify(message)}\n\n`
}
