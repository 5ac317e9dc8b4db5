/** node:http, which gives the target's answer whatever is asked: no routing, no validation; bodies are parsed. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type ServerAddress, sayReady, serveOrders } from '../process.ts'
import { type SameAnswer, workOf } from './same-answer.ts'

serveOrders((answer: SameAnswer): Promise<ServerAddress> => {
  const work = workOf(answer)
  let ordinal = 0
  const server = createServer((request, response) => {
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
  })
  return new Promise(resolve => {
    server.listen(0, '127.0.0.1', () => resolve({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }))
  })
})
sayReady('idle')
