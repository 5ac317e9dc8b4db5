import type { ServerResponse } from 'node:http'

export const MOST_VIEWERS = 16
/** A page takes a longer silence for a broken connection. */
const HEARTBEAT_MS = 5000

interface LabViewer {
  response: ServerResponse
  /** The lab that it looks at; undefined for the list. */
  lab: string | undefined
  /** Its connection has not taken the state before. It gets the latest one when it has. */
  isWaiting: boolean
}

/** The viewers of the labs and of the list. A state is written once for all who look at the same; one who is slow skips states. */
export class LabViewers {
  readonly #stateOf: (lab: string | undefined) => object
  readonly #viewers = new Set<LabViewer>()
  readonly #heart: NodeJS.Timeout

  constructor(stateOf: (lab: string | undefined) => object) {
    this.#stateOf = stateOf
    this.#heart = setInterval(() => this.#beat(), HEARTBEAT_MS)
    this.#heart.unref()
  }

  /** Begins to serve a viewer. @returns false if there are too many */
  add(response: ServerResponse, lab: string | undefined): boolean {
    if (this.#viewers.size >= MOST_VIEWERS) return false
    const viewer: LabViewer = { response, lab, isWaiting: false }
    this.#viewers.add(viewer)
    response.on('close', () => this.#viewers.delete(viewer))
    response.on('drain', () => {
      if (!viewer.isWaiting) return
      viewer.isWaiting = false
      response.write(this.#eventFor(lab))
    })
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    response.write(this.#eventFor(lab))
    return true
  }

  /** Sends the state of a lab to those who look at it, and the list to the others who look at that. */
  send(lab: string): void {
    const texts = new Map<string | undefined, string>()
    for (const viewer of this.#viewers) {
      if (viewer.lab !== lab && viewer.lab !== undefined) continue
      if (viewer.response.writableNeedDrain) {
        viewer.isWaiting = true
        continue
      }
      const text = texts.get(viewer.lab) ?? this.#eventFor(viewer.lab)
      texts.set(viewer.lab, text)
      viewer.response.write(text)
    }
  }

  /** Ends all of them, after what they have been sent. */
  close(): void {
    clearInterval(this.#heart)
    for (const { response } of this.#viewers) response.end()
  }

  #eventFor(lab: string | undefined): string {
    return `event: ${lab === undefined ? 'list' : 'lab'}\ndata: ${JSON.stringify(this.#stateOf(lab))}\n\n`
  }

  #beat(): void {
    for (const { response } of this.#viewers) if (!response.writableNeedDrain) response.write(':\n\n')
  }
}
