/** Bare node:http: it parses the event and answers as the target does, without routing, validation, tokens or storage. */
import { createServer } from 'node:http'
import { listen } from '../processes/process.ts'
import { positionOf } from '../wire/event.ts'

listen(
  createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const event = JSON.parse(Buffer.concat(chunks).toString()) as { event_id: string }
      const answer = JSON.stringify(positionOf(event.event_id))
      response.writeHead(202, {
        'content-type': 'application/json; charset=utf-8',
        'content-length': Buffer.byteLength(answer),
      })
      response.end(answer)
    })
  }),
)
