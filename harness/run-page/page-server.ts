import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PageFiles, pageHeaders, type PageName } from '../../pages/assets.ts'
import { foreignPage } from './page-access.ts'
import { refuse } from './page-answers.ts'

const HOST = '127.0.0.1'
const MOST_CONNECTIONS = 128

/** Serves a page to browsers of this machine: its files itself, and the rest through `serve`. Pages of other origins get nothing. */
export class PageServer {
  readonly #server: Server
  readonly #files: PageFiles

  constructor(page: PageName, serve: (request: IncomingMessage, response: ServerResponse) => void) {
    this.#files = new PageFiles(page, '')
    this.#server = createServer((request, response) => {
      const refusal = foreignPage(request.headers)
      if (refusal === undefined) serve(request, response)
      else refuse(response, 403, refusal)
    })
    this.#server.maxConnections = MOST_CONNECTIONS
  }

  /** @param port 0 for a free one. @throws if it cannot listen there */
  async listen(port: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#server.once('error', reject)
    this.#server.listen(port, HOST, resolve)
    await promise
    // A connection that cannot be accepted later, for want of file descriptors, must not end the command.
    this.#server.on('error', () => {})
  }

  /** Address of the page, with a slash at its end. */
  get address(): string {
    return `http://${HOST}:${(this.#server.address() as AddressInfo).port}/`
  }

  /** Answers with the file at this path below the page; `''` is the page itself. */
  sendFile(request: IncomingMessage, response: ServerResponse, path: string): void {
    const file = this.#files.file(path)
    if (file === undefined) return refuse(response, 404, 'there is no such file')
    const { mediaType, body, etag } = file
    if (request.headers['if-none-match'] === etag) return void response.writeHead(304, { ...pageHeaders, etag }).end()
    response.writeHead(200, { ...pageHeaders, 'content-type': mediaType, etag }).end(body)
  }

  /** Tells whether the server keeps the process alive. It does at first. */
  keepAlive(isWanted: boolean): void {
    if (isWanted) this.#server.ref()
    else this.#server.unref()
  }

  /** Accepts no more connections. Responses that are under way go on. */
  close(): void {
    this.#server.close()
    this.#server.closeIdleConnections()
  }

  /** Ends responses that are under way as well. */
  closeAtOnce(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }
}
