import type { Server } from 'node:http'
import { Socket } from 'node:net'

/** The part of Node's parser that is used here. It belongs to a socket as long as requests may come over it. */
interface Parser {
  /** Whether it reads the socket past JavaScript. */
  _consumed?: boolean
  /** Returns an error if the input may not end here, because a request has begun. */
  finish(): Error | undefined
  unconsume(): void
  /** Takes it off the server's list of connections. */
  remove(): void
  /** Deletes it. It must not be at work. */
  close(): void
}

interface ParsedSocket extends Socket {
  parser: Parser | null
  server: Server
  _paused?: boolean
}

/** The listeners of Node's HTTP server on a socket, by event. */
const PARSING: readonly (readonly [event: string, listener: string])[] = [
  ['data', 'bound socketOnData'],
  ['end', 'bound socketOnEnd'],
  ['close', 'bound socketOnClose'],
  ['drain', 'bound socketOnDrain'],
  ['error', 'socketOnError'],
  ['timeout', 'socketOnTimeout'],
  ['pause', 'onSocketPause'],
  ['resume', 'onSocketResume'],
]

/** Methods that Node's HTTP server replaces on each socket. */
const WRAPPED = ['on', 'addListener', 'prependListener', 'setEncoding'] as const

type NodeListener = (...args: unknown[]) => void

/** The sockets of a server that have no parser, because the server does not list them itself. */
const unparsed: unique symbol = Symbol('sockets without a parser')

declare module 'node:net' {
  interface Server {
    [unparsed]?: Set<Socket>
  }
}

/**
 * Frees the HTTP parser of a socket whose client is not expected to send anything more, because it takes half of the memory of an idle
 * stream. The socket gets another one as soon as its client sends something. Does nothing if a request is on its way, or if
 * Node's listeners are others than those known here.
 */
export function releaseParser(socket: Socket): void {
  const { parser, server, _paused: isPaused } = socket as ParsedSocket
  if (!parser || socket.destroyed || isPaused === true || parser.finish() instanceof Error) return
  const listeners = PARSING.map(([event, name]) => [event, named(socket.listeners(event), name)] as const)
  if (attach(server) === undefined || listeners.some(([, listener]) => listener === undefined)) return
  for (const [event, listener] of listeners) socket.removeListener(event, listener!)
  if (parser._consumed) parser.unconsume()
  parser.remove()
  ;(socket as ParsedSocket).parser = null
  for (const method of WRAPPED) Object.assign(socket, { [method]: Socket.prototype[method] })
  socket.on('error', ignore)
  socket.on('close', forget)
  socket.on('data', parseAgain)
  ;(server[unparsed] ??= new Set()).add(socket)
  parser.close()
}

/** Destroys the sockets of a server that its `closeAllConnections` does not know. */
export function destroyUnparsed(server: Server): void {
  for (const socket of server[unparsed] ?? []) socket.destroy()
}

/** Returns the function with which Node's HTTP server begins to read a socket. */
function attach(server: Server): NodeListener | undefined {
  return named(server.listeners('connection'), 'connectionListener')
}

function named(listeners: Function[], name: string): NodeListener | undefined {
  return listeners.find(listener => listener.name === name) as NodeListener | undefined
}

function parseAgain(this: Socket, bytes: Buffer): void {
  const { server } = this as ParsedSocket
  this.off('data', parseAgain)
  this.off('error', ignore)
  this.off('close', forget)
  server[unparsed]?.delete(this)
  attach(server)!.call(server, this)
  this.emit('data', bytes)
}

/** An error destroys the socket, which is all that has to happen. */
function ignore(): void {}

function forget(this: Socket): void {
  ;(this as ParsedSocket).server[unparsed]?.delete(this)
}
