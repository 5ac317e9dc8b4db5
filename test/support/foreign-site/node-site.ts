import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import type { LoggedRequest } from './access-log.ts'

const API_TOKEN = 'shop-api-token-4711'

/** A request whose body was read, and the response to it. */
interface Exchange {
  request: IncomingMessage
  path: string
  body: Buffer
  cookies: Record<string, string>
  /** Ends the response with a body. */
  reply(status: number, headers: Record<string, string | string[]>, body?: string | Buffer): void
}

export interface NodeSite {
  urls: { site: string; api: string }
  log: LoggedRequest[]
  close(): void
}

/** Starts the shop of `test/interop/foreign/site.py` in this process, with nothing but what Node has. */
export async function startNodeSite(): Promise<NodeSite> {
  const log: LoggedRequest[] = []
  const servers = await Promise.all(
    (
      [
        ['site', siteOf()],
        ['api', serveApi],
      ] as const
    ).map(async ([name, handle]) => {
      const server = createServer((request, response) => void answer(name, request, response, log, handle))
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      return server
    }),
  )
  const [site, api] = servers.map(server => (server.address() as AddressInfo).port)
  return {
    urls: { site: `http://127.0.0.1:${site}`, api: `http://localhost:${api}` },
    log,
    close() {
      for (const server of servers) server.closeAllConnections()
      for (const server of servers) server.close()
    },
  }
}

async function answer(
  server: LoggedRequest['server'],
  request: IncomingMessage,
  response: ServerResponse,
  log: LoggedRequest[],
  handle: (exchange: Exchange) => unknown,
): Promise<void> {
  const body = Buffer.concat(await request.toArray())
  const { method = '', url = '', headers } = request
  const [path = ''] = url.split('?')
  const cookies = Object.fromEntries(
    (headers.cookie ?? '').split('; ').flatMap(pair => (pair === '' ? [] : [pair.split('=', 2)])),
  ) as Record<string, string>
  const reply: Exchange['reply'] = (status, fields, sent = '') => {
    log.push({
      server,
      method,
      path,
      status,
      received: body.length,
      sent: Buffer.byteLength(sent),
      tells: Object.keys(headers).filter(name => name.startsWith('x-loadcell')),
      cookies: Object.keys(cookies).sort(),
    })
    response.writeHead(status, fields).end(sent)
  }
  await handle({ request, path, body, cookies, reply })
}

/** Returns the site: a form to log in, an account, and photos. */
function siteOf(): (exchange: Exchange) => Promise<void> {
  const sessions = new Map<string, { csrf: string; user?: string }>()
  const page = (exchange: Exchange, status: number, html: string, fields: Record<string, string> = {}) => {
    const gzip = /gzip/.test(String(exchange.request.headers['accept-encoding']))
    const type = { 'content-type': 'text/html; charset=utf-8', ...fields }
    if (gzip) exchange.reply(status, { ...type, 'content-encoding': 'gzip' }, gzipSync(html))
    else exchange.reply(status, type, html)
  }
  const login = (exchange: Exchange, status: number) => {
    const id = randomUUID()
    const session = { csrf: randomUUID() }
    sessions.set(id, session)
    const fields = `<input type="hidden" name="csrf_token" value="${session.csrf}"><input name="user"><input name="password" type="password">`
    page(exchange, status, `<form id="login" method="post">${fields}</form>`, {
      'set-cookie': `session=${id}; HttpOnly; Path=/; SameSite=Lax`,
    })
  }
  return async exchange => {
    const { path, request, cookies, body } = exchange
    const session = sessions.get(cookies['session'] ?? '')
    switch (`${request.method} ${path}`) {
      case 'GET /':
        return exchange.reply(302, { location: '/login' })
      case 'GET /login':
        return login(exchange, 200)
      case 'POST /login': {
        const form = new URLSearchParams(body.toString())
        const accepted = session !== undefined && form.get('csrf_token') === session.csrf
        if (!accepted) return exchange.reply(400, {}, 'The CSRF token is missing.')
        if (form.get('password') !== 'letmein') return page(exchange, 403, '<form id="login" method="post"></form>')
        session.user = String(form.get('user'))
        return exchange.reply(302, { location: '/account' })
      }
      case 'GET /account': {
        if (session?.user === undefined) return exchange.reply(302, { location: '/login' })
        const form = `<form id="upload" method="post" action="/photos"><input type="hidden" name="csrf_token" value="${session.csrf}"><input name="title"><input type="file" name="photo"></form>`
        const head = `<meta name="api-token" content="${API_TOKEN}"><h1>Hello, ${session.user}</h1>`
        return page(exchange, 200, `<!doctype html>${head}<p>${'shop '.repeat(2000)}</p>${form}`)
      }
      case 'POST /photos': {
        const type = String(request.headers['content-type'])
        const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData()
        const photo = form.get('photo')
        if (session?.user === undefined || form.get('csrf_token') !== session.csrf || !(photo instanceof File)) {
          return exchange.reply(400, {}, 'The CSRF token is missing.')
        }
        const sha256 = createHash('sha256')
          .update(Buffer.from(await photo.arrayBuffer()))
          .digest('hex')
        // Browsers escape quotes in a name, and this parser leaves them so.
        const name = photo.name.replaceAll('%22', '"')
        return json(exchange, 201, { title: form.get('title'), name, bytes: photo.size, sha256 })
      }
      default:
        return exchange.reply(404, {}, 'Not Found')
    }
  }
}

function serveApi(exchange: Exchange): void {
  const { path, request, body } = exchange
  switch (`${request.method} ${path}`) {
    case 'GET /v1/orders':
      if (request.headers.authorization !== `Bearer ${API_TOKEN}`) return json(exchange, 401, { error: 'unauthorized' })
      return json(exchange, 200, { items: [{ id: 7 }, { id: 8 }], total: 2 })
    case 'POST /v1/answers': {
      const { prompt } = JSON.parse(body.toString()) as { prompt: string }
      const words = prompt.split(' ').map(word => `event: reset\rdata: ${word}\r\r`)
      const events = `\ufeff: welcome\r\n\r\n${words.join('')}data: [DONE]\n\n`
      return exchange.reply(200, { 'content-type': 'text/event-stream' }, events)
    }
    default:
      return exchange.reply(404, {}, 'Not Found')
  }
}

function json(exchange: Exchange, status: number, value: unknown): void {
  exchange.reply(status, { 'content-type': 'application/json' }, JSON.stringify(value))
}
