import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** Bytes, or text of which each character is one. */
type Bytes = Buffer | string

/** The part of Node’s handle of a socket that is used here. Its types leave it out. */
export interface SocketHandle {
  /** Hands bytes to the kernel, and keeps those that it does not take with the request. Returns the code of an error, or 0. */
  writeBuffer(request: WriteRequest, bytes: Buffer): number
  writeLatin1String(request: WriteRequest, text: string): number
}

/** Node's own request, which it makes for every write. The handle keeps it only if the kernel did not take all bytes at the first attempt. */
interface WriteRequest {
  constructor: Function
  /** Returns −1 unless a handle keeps it. */
  getAsyncId(): number
  oncomplete?: (status: number, handle: SocketHandle, error: unknown) => void
}

/** The part of the state of Node's streams that says whether a write may go past them. */
export interface WriteState {
  readonly length: number
  readonly corked: number
  readonly ending: boolean
  readonly destroyed: boolean
  readonly errored: unknown
}

type HandledSocket = Socket & { _handle: SocketHandle | null; _writableState: WriteState }

/** A socket to which bytes can be written past its stream whenever the stream is free. Its stream says so by its state. */
export interface DirectSocket {
  readonly handle: SocketHandle
  readonly state: WriteState
}

/** The id of a request that no handle keeps. */
const FREE = -1

/** The classes of handles and of requests, which are learnt from the first write. */
let classes: { Handle: Function; Request: new () => WriteRequest } | undefined
/** Serves all writes that the kernel takes at once, because they need no request. */
let spare: WriteRequest | undefined

/**
 * Writes to a socket. If it is a TCP connection on which nothing waits, the bytes go to the kernel past Node's streams, which take about a
 * tenth of the time of a write, and touch memory that a fan-out to thousands of sockets finds in no cache. If the kernel does not take all
 * of them, the stream is told, so that its counts, its `drain` and its end are as usual.
 */
export function writeTo(socket: Duplex, bytes: Bytes): void {
  if (!isPlain(socket) || !isFree(socket._writableState)) return writeThrough(socket, bytes)
  const handle = socket._handle!
  if (handle.constructor === classes?.Handle) return void writeDirectly(socket, handle, bytes)
  if (classes === undefined && handle.constructor.name === 'TCP') learn(handle, bytes)
  writeThrough(socket, bytes)
}

/** Returns what it takes to write to a socket past its stream, as soon as a first write has shown how; undefined if it cannot be done. */
export function directly(socket: Duplex): DirectSocket | undefined {
  if (!isPlain(socket) || socket._handle!.constructor !== classes?.Handle) return undefined
  return { handle: socket._handle!, state: socket._writableState }
}

/** Whether nothing waits on a stream, and it takes more. */
export function isFree(state: WriteState): boolean {
  return state.length === 0 && state.corked === 0 && !state.ending && !state.destroyed && state.errored === null
}

/**
 * Writes to a socket of which the stream is free. If the kernel does not take all bytes, the stream is told.
 * @param handle that of the socket
 * @returns whether the kernel took all bytes
 */
export function writeDirectly(socket: Duplex, handle: SocketHandle, bytes: Bytes): boolean {
  spare ??= new classes!.Request()
  if (handTo(handle, spare, bytes) !== 0) {
    // The stream gets the same error.
    writeThrough(socket, bytes)
    return false
  }
  // By now, a second attempt may have succeeded, but the handle still keeps the request until it calls back.
  if (spare.getAsyncId() === FREE) return true
  tellStream(socket, handle, bytes)
  return false
}

function writeThrough(stream: Duplex, bytes: Bytes): void {
  stream.write(bytes, 'latin1')
}

function handTo(handle: SocketHandle, request: WriteRequest, bytes: Bytes): number {
  return typeof bytes === 'string' ? handle.writeLatin1String(request, bytes) : handle.writeBuffer(request, bytes)
}

/** Whether it is a plain connection whose writes no timer watches. */
function isPlain(stream: Duplex): stream is HandledSocket {
  const { constructor, _handle: handle, timeout } = stream as HandledSocket
  return (constructor as unknown) === Socket && !timeout && !!handle
}

/** Learns the classes from the next write. */
function learn(handle: SocketHandle, bytes: Bytes): void {
  insteadOfWriting(handle, bytes, request => {
    if (typeof request.getAsyncId === 'function')
      classes = { Handle: handle.constructor, Request: request.constructor as new () => WriteRequest }
    return handTo(handle, request, bytes)
  })
}

/** Lets the stream make the write that was just made: it counts the bytes until the kernel has taken them. */
function tellStream(socket: Duplex, handle: SocketHandle, bytes: Bytes): void {
  const pending = spare!
  spare = undefined
  insteadOfWriting(handle, bytes, request => {
    const complete: WriteRequest['oncomplete'] = (...outcome) => request.oncomplete!(...outcome)
    pending.oncomplete = complete
    return 0
  })
  writeThrough(socket, bytes)
}

/** Replaces the next write of a handle, which is one of these bytes. */
function insteadOfWriting(handle: SocketHandle, bytes: Bytes, write: (request: WriteRequest) => number): void {
  const method = typeof bytes === 'string' ? 'writeLatin1String' : 'writeBuffer'
  const writeInstead = (request: WriteRequest) => {
    delete (handle as Partial<SocketHandle>)[method]
    return write(request)
  }
  handle[method] = writeInstead
}
