import type { ServerResponse } from 'node:http'
import type { RunFeedMessage } from '../../pages/run-feed.ts'
import { EventResponses } from './event-responses.ts'

interface RunViewer {
  response: ServerResponse
  /** It has missed a message, because it read too slowly. */
  isBehind: boolean
}

/** The viewers of the page of a run. A message is encoded once for all of them. A viewer who reads slowly skips messages. */
export class RunViewers {
  readonly #message: (isWhole: boolean) => RunFeedMessage
  readonly #viewers = new EventResponses<RunViewer>()

  /** @param message makes what a viewer gets now */
  constructor(message: (isWhole: boolean) => RunFeedMessage) {
    this.#message = message
  }

  get count(): number {
    return this.#viewers.count
  }

  /** Begins to serve a viewer. @returns false if there are too many */
  add(response: ServerResponse): boolean {
    return this.#viewers.add({ response, isBehind: false }, () => eventOf(this.#message(true)))
  }

  /** Sends what is new. */
  send(): void {
    if (this.#viewers.count === 0) return
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
  gone(): Promise<void> {
    return this.#viewers.gone()
  }

  /** Ends all of them, after what they have been sent. */
  close(): void {
    this.#viewers.close()
  }
}

function eventOf(message: RunFeedMessage): string {
  return `event: run\ndata: ${JSON.stringify(message)}\n\n`
}
