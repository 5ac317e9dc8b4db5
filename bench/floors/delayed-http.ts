/** Bare node:http, which sends a body a fixed time after each request: one of Node's own timers for each, and nothing else. */
import { createServer } from 'node:http'
import { childArgument, listen } from '../processes/process.ts'

const { body, delayMs } = childArgument() as { body: string; delayMs: number }
let ordinal = 0

listen(
  createServer((_request, response) => {
    setTimeout(() => {
      response.writeHead(200, {
        'content-type': 'application/json; charset=utf-8',
        'content-length': Buffer.byteLength(body),
        'x-request-id': `bare-${++ordinal}`,
      })
      response.end(body)
    }, delayMs)
  }),
)
