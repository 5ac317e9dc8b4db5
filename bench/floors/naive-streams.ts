/** A first version: it encodes every event again for each recipient, and writes each by itself. */
import { createServer, type ServerResponse } from 'node:http'
import { sseFrame } from '../wire/event.ts'
import { listen } from '../processes/process.ts'
import { serveMemory } from '../processes/memory.ts'

const subscribers = new Set<ServerResponse>()
let offset = 0

serveMemory()
listen(
  createServer((request, response) => {
    if (request.method === 'GET') {
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' }).flushHeaders()
      response.on('close', () => subscribers.delete(response))
      subscribers.add(response)
      return
    }
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>
      for (const event of (body['events'] as Record<string, unknown>[] | undefined) ?? [body]) {
        offset++
        for (const subscriber of subscribers) subscriber.write(sseFrame(event, offset))
      }
      response.writeHead(202).end()
    })
  }),
)
