import { drawn, element, write } from './element.ts'

export interface QueueState {
  queued: number
  queueLimit: number
  busy: number
  servers: number
}

const MOST_PLACES = 24
const MOST_SERVERS = 16
const SIZE = 14
const GAP = 4
const MIDDLE = 60

/** Draws a queue and its servers: those who wait as dots from the right, and each server as a box that is busy or not. */
export class QueueDrawing {
  readonly root: HTMLElement
  readonly #drawing = drawn('svg', { class: 'queue', 'aria-hidden': 'true', focusable: 'false' })
  readonly #words = element('span', { class: 'queue-words' })
  #shape = ''

  constructor() {
    this.root = element('div', { class: 'queue-drawing' }, this.#drawing, this.#words)
  }

  show({ queued, queueLimit, busy, servers }: QueueState): void {
    write(
      this.#words,
      `${queued} waiting${queueLimit > 0 ? ` (room for ${queueLimit})` : ''}, ${busy} of ${servers} servers busy`,
    )
    const places = Math.min(MOST_PLACES, Math.max(queueLimit, 1))
    const boxes = Math.min(MOST_SERVERS, servers)
    // With more than can be drawn, each dot or box stands for several.
    const dots = queued === 0 ? 0 : Math.max(1, Math.round((queued / Math.max(queueLimit, places)) * places))
    const waiting = queueLimit <= MOST_PLACES ? queued : Math.min(places, queued <= MOST_PLACES ? queued : dots)
    const busyBoxes = servers <= MOST_SERVERS ? Math.min(busy, boxes) : Math.round((busy / servers) * boxes)
    const shape = `${places} ${boxes}`
    if (shape !== this.#shape) this.#draw(places, boxes)
    this.#shape = shape
    this.#drawing.querySelectorAll('.place').forEach((place, at) => {
      place.classList.toggle('taken', places - at <= waiting)
    })
    this.#drawing.querySelectorAll('.server').forEach((box, at) => box.classList.toggle('busy', at < busyBoxes))
  }

  #draw(places: number, boxes: number): void {
    const queueWidth = places * (SIZE + GAP)
    const rows = boxes > 4 ? 2 : 1
    const perRow = Math.ceil(boxes / rows)
    const width = queueWidth + 30 + perRow * (26 + GAP)
    this.#drawing.setAttribute('viewBox', `0 0 ${width} ${MIDDLE}`)
    this.#drawing.setAttribute('width', String(width))
    this.#drawing.setAttribute('height', String(MIDDLE))
    this.#drawing.replaceChildren()
    for (let at = 0; at < places; at++) {
      this.#drawing.append(
        drawn('circle', { class: 'place', cx: at * (SIZE + GAP) + SIZE / 2, cy: MIDDLE / 2, r: SIZE / 2 - 1 }),
      )
    }
    const arrowAt = queueWidth + 4
    this.#drawing.append(drawn('path', { class: 'arrow', d: `M${arrowAt} ${MIDDLE / 2}h14m-5 -5l5 5l-5 5` }))
    for (let at = 0; at < boxes; at++) {
      const x = queueWidth + 28 + (at % perRow) * (26 + GAP)
      const y = rows === 1 ? MIDDLE / 2 - 11 : Math.floor(at / perRow) * 28 + 4
      this.#drawing.append(drawn('rect', { class: 'server', x, y, width: 24, height: 22, rx: 3 }))
    }
  }
}
