import { once } from 'node:events'
import { type IncomingMessage, type ServerResponse, createServer as createPlainServer } from 'node:http'
import { type ServerOptions, createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'

const CSRF = 'c5rf-4711'

/** Paths that the examples of the documents ask a server for that is not Loadcell's. */
export const shopPaths = ["'/login'", "'/photos'", "'/v1/chat/completions'", "'/orders/1'"]

/** Starts the shop that the examples of the documents assume, which is none of Loadcell's. It refuses what a shop would refuse. */
export async function startDocumentedShop(options?: ServerOptions): Promise<{ url: string; close(): void }> {
  const handle = (request: IncomingMessage, response: ServerResponse) => void serve(request, response)
  const server = options === undefined ? createPlainServer(handle) : createSecureServer(options, handle)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `${options === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = Buffer.concat(await request.toArray()).toString('latin1')
  const json = { 'content-type': 'application/json' }
  const reply = (status: number, headers: Record<string, string> = {}, text = '') =>
    response.writeHead(status, headers).end(text)
  switch (`${request.method} ${request.url?.split('?')[0]}`) {
    case 'GET /':
      return void reply(200, { 'content-type': 'text/html' }, '<h1>Shop</h1>')
    case 'GET /login': {
      const fields = ['csrf', 'csrf_token'].map(name => `<input type="hidden" name="${name}" value="${CSRF}">`)
      return void reply(200, { 'content-type': 'text/html' }, `<form method="post">${fields.join('')}</form>`)
    }
    case 'POST /login': {
      const form = new URLSearchParams(body)
      if ((form.get('csrf') ?? form.get('csrf_token')) !== CSRF) return void reply(403)
      return void reply(200, { 'set-cookie': 'session=s-1; HttpOnly; Path=/' })
    }
    case 'GET /orders':
      return void reply(
        200,
        { ...json, etag: '"7"', link: '</orders?page=2>; rel="next"' },
        JSON.stringify({ items: [{ id: 1, number: 'ABC-1' }] }),
      )
    case 'GET /orders/1':
      return void reply(200, json, JSON.stringify({ id: 1, total: 12.5 }))
    case 'POST /photos':
      return void reply(/name="photo"; filename="cat\.jpg"\r\nContent-Type: image\/jpeg\r\n/i.test(body) ? 201 : 400)
    case 'POST /v1/chat/completions':
      if ((JSON.parse(body) as { stream?: boolean }).stream !== true) return void reply(400)
      return void reply(200, { 'content-type': 'text/event-stream' }, 'data: {"delta":"Hi"}\n\ndata: [DONE]\n\n')
    default:
      return void reply(404)
  }
}
