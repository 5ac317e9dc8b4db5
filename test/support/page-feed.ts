/** Follows the feed of a live page, as its script does. */
export class PageFeed {
  readonly #reader: ReadableStreamDefaultReader<string>
  readonly #abort: AbortController
  #rest = ''

  private constructor(reader: ReadableStreamDefaultReader<string>, abort: AbortController) {
    this.#reader = reader
    this.#abort = abort
  }

  static async open(address: string, headers: Record<string, string> = {}): Promise<PageFeed> {
    const abort = new AbortController()
    const { body, status } = await fetch(address, { signal: abort.signal, headers })
    if (status !== 200 || body === null) throw new Error(`the feed answered with status ${status}`)
    return new PageFeed(body.pipeThrough(new TextDecoderStream()).getReader(), abort)
  }

  /** Returns the next event of this name that fits. */
  async next<Data>(name: string, fits: (data: Data) => boolean = () => true): Promise<Data> {
    for (;;) {
      const end = this.#rest.indexOf('\n\n')
      if (end === -1) {
        const { done, value } = await this.#reader.read()
        if (done) throw new Error(`the feed ended before an event ${name}`)
        this.#rest += value
        continue
      }
      const [event, data] = this.#rest.slice(0, end).split('\n')
      this.#rest = this.#rest.slice(end + 2)
      if (event !== `event: ${name}` || data === undefined) continue
      const parsed = JSON.parse(data.slice('data: '.length)) as Data
      if (fits(parsed)) return parsed
    }
  }

  close(): void {
    this.#abort.abort()
  }
}
