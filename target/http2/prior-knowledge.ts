import type { Server, Socket } from 'node:net'
import type { Lifecycle } from '../lifecycle/lifecycle.ts'

/** The first bytes of a client that speaks HTTP/2 with prior knowledge (RFC 9113 §3.4). No method of HTTP/1.1 begins like them. */
const PREFACE = Buffer.from('PRI * HTTP/2.0')

export interface PriorKnowledgeOptions {
  /** Takes the connections of HTTP/2. */
  http2: (socket: Socket) => void
  /** Time for the first bytes of a connection; 0: none. */
  withinMs: number
  lifecycle: Pick<Lifecycle, 'on'>
}

/** Serves HTTP/2 without TLS beside HTTP/1.1: the first bytes of a connection tell them apart. */
export function acceptPriorKnowledge(server: Server, { http2, withinMs, lifecycle }: PriorKnowledgeOptions): void {
  const emit = server.emit.bind(server)
  const untold = new Set<Socket>()
  // Nothing is under way on them.
  lifecycle.on('stop', () => {
    for (const socket of untold) socket.destroy()
  })
  const emitTold = (event: string, ...args: unknown[]) => {
    if (event !== 'connection') return emit(event, ...args)
    const socket = args[0] as Socket
    untold.add(socket)
    socket.once('close', () => untold.delete(socket))
    tell(socket, withinMs, isHttp2 => {
      untold.delete(socket)
      if (isHttp2) http2(socket)
      else emit('connection', socket)
    })
    return true
  }
  server.emit = emitTold
}

/** Reads the first bytes without taking them away. */
function tell(socket: Socket, withinMs: number, told: (isHttp2: boolean) => void): void {
  let bytes: Buffer = Buffer.alloc(0)
  const cut = () => socket.destroy()
  const leave = () => {
    socket.off('readable', look)
    socket.off('end', over)
    socket.off('error', cut)
    socket.off('timeout', cut)
    socket.setTimeout(0)
  }
  const read = () => socket.read() as Buffer | null
  const tellNow = (isHttp2: boolean) => {
    leave()
    if (bytes.length > 0) socket.unshift(bytes)
    told(isHttp2)
  }
  // It said nothing, or less than a preface. The server of HTTP/1.1 answers or closes.
  const over = () => tellNow(false)
  function look(): void {
    for (let chunk = read(); chunk !== null; chunk = read()) bytes = Buffer.concat([bytes, chunk])
    const isSame = PREFACE.subarray(0, bytes.length).equals(bytes.subarray(0, PREFACE.length))
    if (isSame && bytes.length < PREFACE.length) return
    tellNow(isSame)
  }
  socket.on('readable', look)
  socket.on('end', over)
  socket.on('error', cut)
  socket.setTimeout(withinMs, cut)
}
