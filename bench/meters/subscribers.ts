/**
 * Many subscribers of one stream and one publisher, in one process. They count the events' markers in the bytes that
 * arrive and parse nothing, so that the server is what is measured. The publisher sends the next burst when every
 * subscriber has the last one whole: no server is ever ahead of its readers.
 */
import { connect, type Socket } from 'node:net'
import { EVENT_MARKER, eventSource } from '../event.ts'
import { sayReady, serveOrders } from '../process.ts'

export type FanoutOrder =
  | ({ do: 'subscribe' } & Audience)
  /** Publish bursts of so many events for so long. */
  | { do: 'train'; burst: number; seconds: number }
  | { do: 'leave' }

export interface Audience {
  url: string
  path: string
  subscribers: number
  token: string
  publisherToken: string
}

export interface FanoutReading {
  deliveries: number
  seconds: number
}

let train: Train | undefined

serveOrders(async (order: FanoutOrder): Promise<FanoutReading | null> => {
  if (order.do === 'train') {
    if (train === undefined) throw new Error('expected subscribers before a train')
    return train.run(order.burst, order.seconds)
  }
  train?.leave()
  train = order.do === 'subscribe' ? await gather(order) : undefined
  return null
})
sayReady('idle')

interface Train {
  run(burst: number, seconds: number): Promise<FanoutReading>
  leave(): void
}

async function gather({ url, path, token, subscribers, publisherToken }: Audience): Promise<Train> {
  const { hostname, port } = new URL(url)
  // One buffer for all: nothing that is read is kept.
  const buffer = Buffer.allocUnsafe(65_536)
  let received = 0
  let awaited = Number.POSITIVE_INFINITY
  let complete = () => {}

  const subscriber = (): { socket: Socket; answered: Promise<void> } => {
    const { promise: answered, resolve, reject } = Promise.withResolvers<void>()
    let head = ''
    const read = (bytes: number): boolean => {
      if (!head.includes('\r\n\r\n')) {
        head += buffer.toString('latin1', 0, bytes)
        if (!head.includes('\r\n\r\n')) return true
        if (statusOf(head) === 200) resolve()
        else reject(new Error(`expected a stream, got ${head}`))
        return true
      }
      received += markersIn(buffer, bytes)
      if (received >= awaited) complete()
      return true
    }
    const socket = connect({ host: hostname, port: Number(port), onread: { buffer, callback: read } })
    socket.on('error', reject)
    socket.write(`GET ${path} HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${token}\r\n\r\n`)
    return { socket, answered }
  }

  const all = Array.from({ length: subscribers }, subscriber)
  const publisher = connect({ host: hostname, port: Number(port), noDelay: true })
  const nextEvent = eventSource()

  await Promise.all(all.map(({ answered }) => answered))
  return {
    async run(burst, seconds) {
      const startedAt = performance.now()
      const before = received
      while (performance.now() - startedAt < seconds * 1000) {
        awaited = received + burst * subscribers
        const delivered = new Promise<void>(resolve => (complete = resolve))
        await Promise.all([accepted(publisher, publication(burst, nextEvent, publisherToken)), delivered])
      }
      return { deliveries: received - before, seconds: (performance.now() - startedAt) / 1000 }
    },
    leave() {
      publisher.destroy()
      for (const { socket } of all) socket.destroy()
    },
  }
}

function publication(burst: number, nextEvent: () => string, token: string): string {
  const events = Array.from({ length: burst }, nextEvent)
  const [path, body] =
    burst === 1 ? ['/v1/events/publish', events.join()] : ['/v1/events/batch', `{"events":[${events.join()}]}`]
  return `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}

/** Its answers are one small chunk each. */
function accepted(publisher: Socket, request: string): Promise<void> {
  return new Promise((resolve, reject) => {
    publisher.once('data', (answer: Buffer) => {
      if (statusOf(answer.toString('latin1')) === 202) resolve()
      else reject(new Error(`expected 202, got ${answer.toString('latin1')}`))
    })
    publisher.write(request)
  })
}

function statusOf(head: string): number {
  return Number(head.slice(9, 12))
}

function markersIn(buffer: Buffer, bytes: number): number {
  let count = 0
  for (let at = buffer.indexOf(EVENT_MARKER); at !== -1 && at < bytes; at = buffer.indexOf(EVENT_MARKER, at + 1))
    count++
  return count
}
