type Argument = Readonly<Record<string, unknown>>

/** The channels that a connection follows, to be followed again on another: streams after their last event. */
export class FollowedChannels {
  readonly #arguments: Argument[] = []
  readonly #cursors = new Map<unknown, unknown>()

  add(argument: Argument): void {
    this.#arguments.push(argument)
  }

  /** Notes the place of an event, or of a confirmed subscription. @param content its first argument */
  received(content: unknown): void {
    const { stream, cursor } = (content ?? {}) as Argument
    if (stream !== undefined && cursor !== undefined) this.#cursors.set(stream, cursor)
  }

  /** Notes the place where a subscription begins. @param content first argument of an acknowledgement */
  answered(content: unknown): void {
    const { stream } = (content ?? {}) as Argument
    if (!this.#cursors.has(stream)) this.received(content)
  }

  /** Returns the arguments by which to follow again. */
  again(): Argument[] {
    return this.#arguments.map(argument => {
      const cursor = this.#cursors.get(argument['stream'])
      return cursor === undefined ? argument : { ...argument, cursor }
    })
  }
}
