/** Bare node:http, which sends the target's answer a fixed time after each request: a timer of Node's own for each, and nothing else. */
import { createServer } from 'node:http'
import { childArgument, listen } from '../process.ts'
import type { SameAnswer } from './same-answer.ts'

const { answer, delayMs } = childArgument() as { answer: SameAnswer; delayMs: number }
const head = { ...answer.headers, 'content-length': Buffer.byteLength(answer.body) }
let ordinal = 0

listen(
  createServer((_request, response) => {
    setTimeout(() => {
      response.writeHead(answer.status, { ...head, 'x-request-id': `bare-${++ordinal}` })
      response.end(answer.body)
    }, delayMs)
  }),
)
