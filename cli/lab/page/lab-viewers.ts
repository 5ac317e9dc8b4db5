import type { ServerResponse } from 'node:http'
import { EventResponses } from '../../../harness/run-page/event-responses.ts'

interface LabViewer {
  response: ServerResponse
  /** The lab that it looks at; undefined for the list. */
  lab: string | undefined
  /** Its connection has not taken an earlier state yet. It gets the latest one then. */
  isWaiting: boolean
}

/** The viewers of the labs and of the list. A state is encoded once for all who look at it. A viewer who reads slowly skips states. */
export class LabViewers {
  readonly #stateOf: (lab: string | undefined) => object
  readonly #viewers = new EventResponses<LabViewer>()

  constructor(stateOf: (lab: string | undefined) => object) {
    this.#stateOf = stateOf
  }

  /** Begins to serve a viewer. @returns false if there are too many */
  add(response: ServerResponse, lab: string | undefined): boolean {
    const viewer: LabViewer = { response, lab, isWaiting: false }
    if (!this.#viewers.add(viewer, () => this.#eventFor(lab))) return false
    response.on('drain', () => {
      if (!viewer.isWaiting) return
      viewer.isWaiting = false
      response.write(this.#eventFor(lab))
    })
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
    this.#viewers.close()
  }

  #eventFor(lab: string | undefined): string {
    return `event: ${lab === undefined ? 'list' : 'lab'}\ndata: ${JSON.stringify(this.#stateOf(lab))}\n\n`
  }
}
