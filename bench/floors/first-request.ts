/** Tells the bench when the first request of a run comes. It has no control plane, and answers every other request with an empty object. */
import { createServer } from 'node:http'
import { listen, serveOrders } from '../processes/process.ts'

let came: (() => void) | undefined

serveOrders(() => new Promise<null>(resolve => (came = () => resolve(null))))
listen(
  createServer((request, response) => {
    if (/^\/(_loadcell|metrics)/.test(request.url ?? '')) return void response.writeHead(404).end()
    came?.()
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  }),
)
