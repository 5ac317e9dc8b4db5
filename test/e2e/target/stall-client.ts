import { connect, type Socket } from 'node:net'
import { workerData } from 'node:worker_threads'

type Step = 'connected' | 'begun' | 'sent' | 'answered'

/** A client in a thread of its own, which sends while a stall holds the thread of the target. */
export interface StallClientData {
  port: number
  /** An Int32 for each step, which is set when it comes. */
  signals: SharedArrayBuffer
  /** The steps: it has connected; the stall has begun; it has sent all requests; all were answered. */
  steps: Record<Step, number>
  /** Connections opened before the stall and during it, with one request on each. */
  kept: number
  fresh: number
}

const { port, signals, steps, kept, fresh } = workerData as StallClientData
const signal = new Int32Array(signals)
const REQUEST = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'

const open = () =>
  new Promise<Socket>(resolve => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.once('connect', () => resolve(socket))
  })
const openAll = (count: number) => Promise.all(Array.from({ length: count }, open))
const ask = (socket: Socket) => new Promise<void>(resolve => void socket.write(REQUEST, () => resolve()))

const before = await openAll(kept)
reach('connected')
Atomics.wait(signal, steps.begun, 0)
const sockets = [...before, ...(await openAll(fresh))]
const closed = sockets.map(socket => new Promise(resolve => socket.resume().once('close', resolve)))
await Promise.all(sockets.map(ask))
reach('sent')
await Promise.all(closed)
reach('answered')

function reach(step: Step): void {
  Atomics.store(signal, steps[step], 1)
  Atomics.notify(signal, steps[step])
}
