/** The state of a feed. `refused`: the server wants a token, or another one. `full`: it has as many viewers as it admits. */
export type FeedState = 'connecting' | 'live' | 'lost' | 'refused' | 'full'

export interface FeedOptions {
  /** Address of a stream of Server-Sent Events, each with a name and JSON. */
  address: string
  token: () => string | undefined
  onEvent: (name: string, data: unknown) => void
  onState: (state: FeedState, detail: string) => void
}

const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 8000
/** A server that is alive sends something more often than this. */
const LONGEST_SILENCE_MS = 15_000
const MOST_UNFINISHED_CHARACTERS = 4_000_000

/**
 * Follows a stream of events, and connects again when it breaks. `EventSource` cannot send a token in a header, so this reads the
 * stream itself.
 */
export class LiveFeed {
  readonly #options: FeedOptions
  #attempt: AbortController | undefined
  #waitMs = FIRST_WAIT_MS
  #isStopped = true
  #wake: () => void = () => {}

  constructor(options: FeedOptions) {
    this.#options = options
  }

  start(): void {
    if (!this.#isStopped) return
    this.#isStopped = false
    void this.#follow()
  }

  stop(): void {
    this.#isStopped = true
    this.#attempt?.abort()
    this.#wake()
  }

  /** Tries again now, such as with another token. */
  retry(): void {
    this.#waitMs = FIRST_WAIT_MS
    if (this.#isStopped) this.start()
    else this.#wake()
  }

  async #follow(): Promise<void> {
    while (!this.#isStopped) {
      this.#options.onState('connecting', '')
      const ended = await this.#read()
      if (this.#isStopped) return
      this.#options.onState(ended.state, ended.detail)
      await this.#pause()
    }
  }

  async #pause(): Promise<void> {
    const waitMs = this.#waitMs
    this.#waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2)
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, waitMs)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  async #read(): Promise<{ state: FeedState; detail: string }> {
    const attempt = (this.#attempt = new AbortController())
    const { address, token } = this.#options
    const shown = token()
    let silence = setTimeout(() => attempt.abort(), LONGEST_SILENCE_MS)
    try {
      const response = await fetch(address, {
        signal: attempt.signal,
        cache: 'no-store',
        headers: { accept: 'text/event-stream', ...(shown && { authorization: `Bearer ${shown}` }) },
      })
      if (!response.ok || response.body === null) return await refusalOf(response)
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
      const parser = new FeedParser((name, data) => this.#options.onEvent(name, data))
      this.#options.onState('live', '')
      for (;;) {
        const { done, value } = await reader.read()
        if (done) return { state: 'lost', detail: 'the server ended the connection' }
        clearTimeout(silence)
        silence = setTimeout(() => attempt.abort(), LONGEST_SILENCE_MS)
        this.#waitMs = FIRST_WAIT_MS
        parser.add(value)
      }
    } catch (error) {
      if (attempt.signal.aborted) return { state: 'lost', detail: 'the server was silent' }
      // Browsers say no more about a connection that fails.
      return { state: 'lost', detail: error instanceof TypeError ? 'the server does not answer' : String(error) }
    } finally {
      clearTimeout(silence)
      attempt.abort()
    }
  }
}

async function refusalOf(response: Response): Promise<{ state: FeedState; detail: string }> {
  const problem: unknown = await response.json().catch(() => undefined)
  const detail =
    typeof problem === 'object' && problem !== null && 'detail' in problem
      ? String(problem.detail)
      : `status ${response.status}`
  if (response.status === 401 || response.status === 403) return { state: 'refused', detail }
  return { state: response.status === 503 ? 'full' : 'lost', detail }
}

/** Reads Server-Sent Events whose data is JSON in one line. */
class FeedParser {
  readonly #onEvent: (name: string, data: unknown) => void
  #rest = ''

  constructor(onEvent: (name: string, data: unknown) => void) {
    this.#onEvent = onEvent
  }

  add(text: string): void {
    this.#rest += text
    for (let end = this.#rest.indexOf('\n\n'); end >= 0; end = this.#rest.indexOf('\n\n')) {
      const lines = this.#rest.slice(0, end).split('\n')
      this.#rest = this.#rest.slice(end + 2)
      const name = lines.find(line => line.startsWith('event: '))?.slice('event: '.length) ?? 'message'
      const data = lines.find(line => line.startsWith('data: '))?.slice('data: '.length)
      if (data !== undefined) this.#onEvent(name, JSON.parse(data))
    }
    if (this.#rest.length > MOST_UNFINISHED_CHARACTERS) throw new Error('an event of the server has no end')
  }
}
