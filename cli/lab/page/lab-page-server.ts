import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PageFiles, pageHeaders } from '../../../pages/assets.ts'
import { MOST_RESPONSES } from '../../../harness/run-page/event-responses.ts'
import { foreignPage } from '../../../harness/run-page/page-access.ts'
import { LabInputError } from '../../../labs/lab-input.ts'
import { readLabAction } from './lab-action.ts'
import type { LabDesk } from './lab-desk.ts'
import { LabViewers } from './lab-viewers.ts'

const HOST = '127.0.0.1'
/** The predictions and settings of a lab take a few hundred bytes. */
const MOST_ACTION_BYTES = 16_384
const MOST_CONNECTIONS = 128

/** Serves the labs to browsers of this machine. */
export class LabPageServer {
  readonly #desk: LabDesk
  readonly #viewers: LabViewers
  readonly #files = new PageFiles('lab', '')
  readonly #server: Server

  private constructor(desk: LabDesk) {
    this.#desk = desk
    this.#viewers = new LabViewers(lab => (lab === undefined ? desk.list() : desk.state(lab)))
    desk.subscribe(lab => this.#viewers.send(lab))
    this.#server = createServer((request, response) => this.#serve(request, response))
    this.#server.maxConnections = MOST_CONNECTIONS
  }

  /** @param port 0 for a free one. @throws if it cannot listen there */
  static async open(port: number, desk: LabDesk): Promise<LabPageServer> {
    const page = new LabPageServer(desk)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    page.#server.once('error', reject)
    page.#server.listen(port, HOST, resolve)
    await promise
    page.#server.on('error', () => {})
    return page
  }

  /** Address of the list of the labs, with a slash at its end. */
  get address(): string {
    return `http://${HOST}:${(this.#server.address() as AddressInfo).port}/`
  }

  close(): void {
    this.#viewers.close()
    this.#server.close()
    this.#server.closeAllConnections()
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const refusal = foreignPage(request.headers)
    if (refusal !== undefined) return refuse(response, 403, refusal)
    const url = URL.parse(request.url ?? '/', 'http://localhost')
    if (url === null) return refuse(response, 404, 'there is no such file')
    const { pathname, searchParams } = url
    const [, name] = /^\/labs\/([a-z-]+)$/.exec(pathname) ?? []
    if (name !== undefined && !this.#desk.has(name)) return refuse(response, 404, 'there is no such lab')
    if (request.method === 'POST' && name !== undefined) return this.#act(request, response, name)
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405, 'expected GET')
    if (pathname === '/feed') return this.#follow(response, searchParams.get('lab') ?? undefined)
    const file = this.#files.file(name === undefined ? pathname.slice(1) : '')
    if (file === undefined) return refuse(response, 404, 'there is no such file')
    const { mediaType, body, etag } = file
    if (request.headers['if-none-match'] === etag) return void response.writeHead(304, { ...pageHeaders, etag }).end()
    response.writeHead(200, { ...pageHeaders, 'content-type': mediaType, etag }).end(body)
  }

  #follow(response: ServerResponse, lab: string | undefined): void {
    if (lab !== undefined && !this.#desk.has(lab)) return refuse(response, 404, 'there is no such lab')
    if (!this.#viewers.add(response, lab)) refuse(response, 503, `expected at most ${MOST_RESPONSES} viewers at once`)
  }

  #act(request: IncomingMessage, response: ServerResponse, name: string): void {
    if (request.headers['content-type'] !== 'application/json') return refuse(response, 415, 'expected JSON')
    let text = ''
    request.setEncoding('utf8')
    request.on('data', (chunk: string) => {
      text += chunk
      if (text.length <= MOST_ACTION_BYTES) return
      request.removeAllListeners('data').removeAllListeners('end').resume()
      refuse(response, 413, `expected an action of at most ${MOST_ACTION_BYTES} bytes`)
    })
    request.on('end', () => void this.#done(response, name, text))
  }

  async #done(response: ServerResponse, name: string, text: string): Promise<void> {
    try {
      await this.#desk.act(name, readLabAction(text))
      response.writeHead(204, pageHeaders).end()
    } catch (error) {
      refuse(response, error instanceof LabInputError ? 409 : 500, (error as Error).message)
    }
  }
}

function refuse(response: ServerResponse, status: number, detail: string): void {
  const headers = { ...pageHeaders, 'content-type': 'application/problem+json' }
  response.writeHead(status, headers).end(JSON.stringify({ status, detail }))
}
