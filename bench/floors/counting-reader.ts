/** Reads events straight from the socket, and only counts them. The argument `parsed` adds `JSON.parse`, which no reader of their content can save. */
import { connect } from 'node:net'
import { serveLoad, timed } from '../processes/load.ts'
import { childArgument } from '../processes/process.ts'

const [path, how] = (childArgument() as string).split(' ')
const isParsed = how === 'parsed'
/** Begins the JSON of an event, of a stream and of a socket. */
const OPENING = path === '/events' ? 'data: ' : '{"type"'
const UPGRADE =
  'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'

serveLoad(({ url, connections, seconds }) => {
  const { hostname, port } = new URL(url)
  return timed(async () => {
    let requests = 0
    const read = () =>
      new Promise<void>((resolve, reject) => {
        const socket = connect(Number(port), hostname)
        socket.write(`GET ${path} HTTP/1.1\r\nHost: ${hostname}\r\n${path === '/events' ? '' : UPGRADE}\r\n`)
        socket.on('error', reject)
        socket.on('close', () => resolve())
        let rest = ''
        socket.on('data', chunk => {
          const text = rest + chunk.toString('latin1')
          let at = text.indexOf(OPENING)
          for (let next = at; next !== -1; at = next) {
            next = text.indexOf(OPENING, at + 1)
            if (next === -1) break
            requests += 1
            if (isParsed) parse(text, at, next)
          }
          rest = at === -1 ? '' : text.slice(at)
        })
        setTimeout(() => socket.destroy(), seconds * 1000)
      })
    await Promise.all(Array.from({ length: connections }, read))
    return { requests, failed: 0 }
  })
})

function parse(text: string, at: number, next: number): void {
  const from = text.indexOf('{', at)
  JSON.parse(text.slice(from, text.lastIndexOf('}', next) + 1))
}
