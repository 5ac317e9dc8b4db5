/** A packet as a client receives it. `args` of an event are without its name. */
export type SocketioPacket =
  | { type: 'open'; sid: string; pingInterval: number; pingTimeout: number }
  | { type: 'ping' | 'close' | 'noop' }
  | { type: 'connected'; namespace: string; sid: string; pid: string | undefined }
  | { type: 'refused'; namespace: string; message: string; data: unknown }
  | { type: 'disconnected'; namespace: string }
  | { type: 'event'; namespace: string; id: number | undefined; event: string; args: readonly unknown[] }
  | { type: 'ack'; namespace: string; id: number; args: readonly unknown[] }

/** Separates the packets of a payload of polling. */
export const packetSeparator = '\u001e'

const engineTypes: Readonly<Record<string, 'close' | 'ping' | 'noop'>> = { '1': 'close', '2': 'ping', '6': 'noop' }

/** Reads a packet of Engine.IO. Returns undefined for one that is not known, such as a binary one. @throws SyntaxError for one that is not valid */
export function readPacket(text: string): SocketioPacket | undefined {
  const engineType = text.charAt(0)
  if (engineType === '0') return { type: 'open', ...(JSON.parse(text.slice(1)) as OpenContent) }
  if (engineType !== '4') {
    const type = engineTypes[engineType]
    return type && { type }
  }
  const parts = /^4([0-4])(?:(\/[^,]*),?)?(\d*)/.exec(text)
  if (parts === null) return undefined
  const [whole, kind, namespace = '/', digits = ''] = parts
  const rest = text.slice(whole.length)
  const content: unknown = rest === '' ? undefined : JSON.parse(rest)
  if (kind === '1') return { type: 'disconnected', namespace }
  if (kind === '2' || kind === '3') {
    if (!Array.isArray(content)) throw new SyntaxError('expected a list of arguments')
    const id = digits === '' ? undefined : Number(digits)
    if (kind === '3') return { type: 'ack', namespace, id: id ?? -1, args: content }
    const [event, ...args] = content as unknown[]
    return { type: 'event', namespace, id, event: String(event), args }
  }
  const { sid, pid, message, data } = (content ?? {}) as Partial<ConnectContent>
  if (kind === '0') return { type: 'connected', namespace, sid: String(sid), pid }
  return { type: 'refused', namespace, message: String(message), data }
}

interface OpenContent {
  sid: string
  pingInterval: number
  pingTimeout: number
}

interface ConnectContent {
  sid: string
  pid: string
  message: string
  data: unknown
}

export function connectPacket(namespace: string, auth: object): string {
  return `40${prefixOf(namespace)}${JSON.stringify(auth)}`
}

/** @param id set if an acknowledgement is wanted */
export function emitPacket(namespace: string, event: string, args: readonly unknown[], id?: number): string {
  return `42${prefixOf(namespace)}${id ?? ''}${JSON.stringify([event, ...args])}`
}

export const pongPacket = '3'
export const closePacket = '1'

function prefixOf(namespace: string): string {
  return namespace === '/' ? '' : `${namespace},`
}
