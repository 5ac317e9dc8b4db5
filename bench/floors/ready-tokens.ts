/**
 * The least that streams of tokens can cost on node:http: in each turn of the event loop, a loop writes one ready-made chunk to each open
 * answer. It reads no request and counts nothing.
 */
import { createServer, type ServerResponse } from 'node:http'
import { childArgument, listen } from '../processes/process.ts'

const { chunks } = childArgument() as { chunks: string[] }
const ready = chunks.map(chunk => Buffer.from(chunk))

/** Open answers, and the number of chunks that each has. */
const open = new Map<ServerResponse, number>()
let isTurning = false

function turn(): void {
  for (const [response, sent] of open) {
    if (sent < ready.length) {
      response.write(ready[sent])
      open.set(response, sent + 1)
    } else {
      open.delete(response)
      response.end()
    }
  }
  isTurning = open.size > 0
  if (isTurning) setImmediate(turn)
}

listen(
  createServer((request, response) => {
    request.resume()
    request.on('end', () => {
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' })
      response.on('close', () => open.delete(response))
      open.set(response, 0)
      if (isTurning) return
      isTurning = true
      setImmediate(turn)
    })
  }),
)
