import { connect, type Socket } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'

/** A client in a thread of its own, which sends while a stall holds the thread of the target. */
export interface StallClientData {
  port: number
  /** Int32 each: set once the stall has begun; set once all requests have been handed to the system. */
  signals: SharedArrayBuffer
  /** Connections there are before the stall, and those that are opened while it lasts; one request on each. */
  kept: number
  fresh: number
}

const { port, signals, kept, fresh } = workerData as StallClientData
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
parentPort?.postMessage('connected')
Atomics.wait(signal, 0, 0)
const sockets = [...before, ...(await openAll(fresh))]
const closed = sockets.map(socket => new Promise(resolve => socket.resume().once('close', resolve)))
await Promise.all(sockets.map(ask))
Atomics.store(signal, 1, 1)
Atomics.notify(signal, 1)
await Promise.all(closed)
parentPort?.postMessage('answered')
