/** A frame whose text is known to be a JSON object, and is parsed when a scenario begins to take frames. */
export class UnparsedFrame {
  readonly type: string
  readonly #text: string

  constructor(type: string, text: string) {
    this.type = type
    this.#text = text
  }

  parsed(): unknown {
    return JSON.parse(this.#text)
  }
}

/** Returns what a scenario takes. */
export function opened(item: unknown): unknown {
  return item instanceof UnparsedFrame ? item.parsed() : item
}
