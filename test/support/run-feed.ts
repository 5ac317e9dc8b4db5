import type { RunFeedMessage, RunFeedSecond, RunFeedState, TruthSecond } from '../../pages/run-feed.ts'

/** Everything that a page knows of a run after some messages of its feed. */
export interface FollowedRun {
  state: RunFeedState
  seconds: Map<number, RunFeedSecond>
  truth: Map<number, TruthSecond>
  /** Phases in the order in which they were seen. */
  phases: string[]
}

/** A viewer of the page of a run, without a browser. */
export class FeedReader {
  readonly origin: string
  readonly #key: string
  readonly #leaving = new AbortController()

  /** @param address as the terminal shows it, with the key behind the # */
  constructor(address: string) {
    const { origin, hash } = new URL(address)
    this.origin = origin
    this.#key = hash.slice(1)
  }

  /** Gives a command, as the page does. */
  command(body: object, headers: Record<string, string> = { authorization: `Bearer ${this.#key}` }): Promise<Response> {
    return fetch(`${this.origin}/commands`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
  }

  /** Reads until something is so, and goes on looking until `leave`. */
  async until(isSo: (run: FollowedRun) => boolean): Promise<FollowedRun> {
    const run: FollowedRun = { state: {} as RunFeedState, seconds: new Map(), truth: new Map(), phases: [] }
    const { body } = await fetch(`${this.origin}/feed`, { signal: this.#leaving.signal })
    const reader = body!.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    for (;;) {
      const { done, value } = await reader.read()
      if (done) throw new Error(`the feed ended in the phase ${run.state.phase} before that was so`)
      text += value
      const events = text.split('\n\n')
      text = events.pop()!
      for (const event of events.filter(each => each.startsWith('event: run\n'))) {
        take(run, JSON.parse(event.slice(event.indexOf('data: ') + 6)) as RunFeedMessage)
        if (isSo(run)) return run
      }
    }
  }

  leave(): void {
    this.#leaving.abort()
  }
}

function take(run: FollowedRun, { isWhole, state, seconds, truth }: RunFeedMessage): void {
  if (isWhole) {
    run.seconds.clear()
    run.truth.clear()
  }
  run.state = state
  if (run.phases.at(-1) !== state.phase) run.phases.push(state.phase)
  for (const second of seconds) run.seconds.set(second.second, second)
  for (const second of truth) run.truth.set(second.second, { ...run.truth.get(second.second), ...second })
}
