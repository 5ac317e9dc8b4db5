import { connect, type Socket } from 'node:net'
import { eventSource, markersIn } from '../wire/event.ts'
import { messageSource } from '../wire/message.ts'
import { maskedFrameOf } from '../wire/socket-frame.ts'
import { type AudiencePlace, requestOf, statusOf } from './audience.ts'

/** Publishes to all subscribers, over the transport they use. */
export interface Publisher {
  /** Resolves when the server has accepted the whole burst. @throws Error when it refuses. */
  publish(burst: number): Promise<void>
  leave(): void
}

export async function connectPublisher(place: AudiencePlace): Promise<Publisher> {
  const { hostname, port } = new URL(place.url)
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  return place.transport.name === 'SSE' ? overHttp(socket, place.token) : overSocket(socket, place)
}

function overHttp(socket: Socket, token: string): Publisher {
  const nextEvent = eventSource()
  return {
    // Each answer is one small chunk.
    publish: burst =>
      new Promise((resolve, reject) => {
        socket.once('data', (answer: Buffer) => {
          if (statusOf(answer.toString('latin1')) === 202) resolve()
          else reject(new Error(`expected 202, got ${answer.toString('latin1')}`))
        })
        socket.write(publicationOf(Array.from({ length: burst }, nextEvent), token))
      }),
    leave: () => socket.resetAndDestroy(),
  }
}

async function overSocket(socket: Socket, place: AudiencePlace): Promise<Publisher> {
  const nextMessage = messageSource()
  let unacknowledged = 0
  let settle: (refusal?: Error) => void = () => {}
  await new Promise<void>((resolve, reject) => {
    socket.write(requestOf(place))
    socket.once('data', (head: Buffer) => {
      if (statusOf(head.toString('latin1')) === 101) resolve()
      else reject(new Error(`expected 101, got ${head.toString('latin1')}`))
    })
  })
  socket.on('data', answer => {
    unacknowledged -= markersIn(answer, answer.length)
    if (answer.includes('"error"')) settle(new Error(`expected an acknowledgement, got ${answer.toString('latin1')}`))
    else if (unacknowledged === 0) settle()
  })
  return {
    publish: burst =>
      new Promise((resolve, reject) => {
        settle = refusal => (refusal === undefined ? resolve() : reject(refusal))
        unacknowledged = burst
        socket.write(Buffer.concat(Array.from({ length: burst }, () => maskedFrameOf(nextMessage()))))
      }),
    leave: () => socket.resetAndDestroy(),
  }
}

function publicationOf(events: string[], token: string): string {
  const [path, body] =
    events.length === 1 ? ['/v1/events/publish', events.join()] : ['/v1/events/batch', `{"events":[${events.join()}]}`]
  return `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}
