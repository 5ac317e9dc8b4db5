/** Beyond it, the oldest is given up as if it were settled. */
const MOST_UNSETTLED = 10_000

interface SettledPlace {
  cursor: string | undefined
  isSettled: boolean
}

/** The place after which a subscription resumes: that of the last message before the first unacknowledged one. */
export class AcknowledgedCursor {
  readonly #places = new Map<string, SettledPlace>()
  #cursor: string | undefined

  get cursor(): string | undefined {
    return this.#cursor
  }

  received(id: string, cursor: string | undefined): void {
    if (this.#places.has(id)) return
    this.#places.set(id, { cursor, isSettled: false })
    if (this.#places.size > MOST_UNSETTLED) this.#settleFirst()
  }

  /** @param isCumulative whether all messages before it are settled, too */
  settled(id: string, isCumulative: boolean): void {
    const place = this.#places.get(id)
    if (place === undefined) return
    place.isSettled = true
    for (const [each, earlier] of isCumulative ? this.#places : []) {
      if (each === id) break
      earlier.isSettled = true
    }
    this.#advance()
  }

  /** A new connection begins after the cursor. */
  restarted(): void {
    this.#places.clear()
  }

  #settleFirst(): void {
    for (const place of this.#places.values()) {
      place.isSettled = true
      break
    }
    this.#advance()
  }

  #advance(): void {
    for (const [id, { cursor, isSettled }] of this.#places) {
      if (!isSettled) return
      this.#cursor = cursor ?? this.#cursor
      this.#places.delete(id)
    }
  }
}
