/** Generators made of undici alone. The argument names one. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Dispatcher, Pool } from 'undici'
import { eventSource } from '../wire/event.ts'
import { type LoadOrder, serveLoad, timed } from '../processes/load.ts'
import { childArgument } from '../processes/process.ts'

/** Resolves with whether the answer was good. */
type SendRequest = () => Promise<boolean>

serveLoad(async order => {
  const { rate, connections } = order
  const { origin } = new URL(order.url)
  const limit = rate === undefined ? { connections } : {}
  const pool = new Pool(origin, { ...limit, pipelining: 1, allowH2: false })
  const send = senders[childArgument() as keyof typeof senders](pool, order)
  const reading = await timed(() => (rate === undefined ? repeat(order, send) : keepRate(rate, order, send)))
  await pool.close()
  return reading
})

const senders = {
  /** The call that a script without a harness makes: a request whose body is read, and nothing is measured. */
  request(pool: Pool, { url }: LoadOrder): SendRequest {
    const path = new URL(url).pathname
    return async () => {
      const { statusCode, body } = await pool.request({ path, method: 'GET' })
      await body.text()
      return statusCode < 400
    }
  },

  /** undici's lowest call, with a handler that only counts. */
  dispatch(pool: Pool, { url, request, token }: LoadOrder): SendRequest {
    const { pathname, search } = new URL(url)
    const path = pathname + search
    const nextEvent = eventSource()
    const publishing = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
    const options = (): Dispatcher.DispatchOptions =>
      token === undefined
        ? { path, ...(request ?? { method: 'GET' }) }
        : { path, method: 'POST', headers: publishing, body: nextEvent() }
    return () => new Promise(answered => pool.dispatch(options(), new Handler(answered)))
  },
}

class Handler implements Dispatcher.DispatchHandler {
  readonly #answered: (good: boolean) => void
  #good = false

  constructor(answered: (good: boolean) => void) {
    this.#answered = answered
  }

  onRequestStart(): void {}

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    this.#good = status < 400
  }

  onResponseData(): void {}

  onResponseEnd(): void {
    this.#answered(this.#good)
  }

  onResponseError(): void {
    this.#answered(false)
  }
}

/** Sends on every connection, again and again, until the time is up. */
async function repeat({ connections, seconds }: LoadOrder, send: SendRequest) {
  let requests = 0
  let failed = 0
  const endsAt = performance.now() + seconds * 1000
  const connection = async () => {
    while (performance.now() < endsAt) {
      if (!(await send())) failed++
      requests++
    }
  }
  await Promise.all(Array.from({ length: connections }, connection))
  return { requests, failed }
}

/** An open model as a first version has it: the schedule is right, but only setTimeout keeps it. */
async function keepRate(rate: number, { seconds }: LoadOrder, send: SendRequest) {
  const answers: Promise<boolean>[] = []
  const startedAt = performance.now()
  for (let ordinal = 0; ordinal < rate * seconds; ordinal++) {
    const delayMs = startedAt + (ordinal * 1000) / rate - performance.now()
    if (delayMs > 0) await sleep(delayMs)
    answers.push(send())
  }
  const good = (await Promise.all(answers)).filter(Boolean).length
  return { requests: answers.length, failed: answers.length - good }
}
