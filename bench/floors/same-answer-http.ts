/** Bare node:http, which sends the target's answer to every request. It parses bodies, without routing or validation. */
import { createServer } from 'node:http'
import { childArgument, listen } from '../processes/process.ts'
import { type SameAnswer, workOf } from './same-answer.ts'

const answer = childArgument() as SameAnswer
const work = workOf(answer)
let ordinal = 0

listen(
  createServer((request, response) => {
    const respond = () => {
      work()
      response.writeHead(answer.status, {
        ...answer.headers,
        'content-length': Buffer.byteLength(answer.body),
        'x-request-id': `bare-${++ordinal}`,
      })
      response.end(answer.body)
    }
    if (request.method === 'GET') return respond()
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      JSON.parse(Buffer.concat(chunks).toString())
      respond()
    })
  }),
)
