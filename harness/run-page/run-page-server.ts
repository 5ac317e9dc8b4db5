import { createReadStream } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PageFiles, pageHeaders } from '../../pages/assets.ts'
import { readCommand } from '../live-control/control-command.ts'
import type { Acknowledgement, RunControls } from '../live-control/run-controls.ts'
import { MOST_RESPONSES } from './event-responses.ts'
import { foreignPage, PageKey } from './page-access.ts'
import type { RunView } from './run-view.ts'
import { RunViewers } from './run-viewers.ts'

const HOST = '127.0.0.1'
/** A command takes a few hundred bytes. */
const MOST_COMMAND_BYTES = 4096
const MOST_CONNECTIONS = 128

/** The report has scripts in itself, for which it has a policy of its own. */
const reportHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
}

/** Serves the page of a run to browsers of this machine. */
export class RunPageServer {
  readonly viewers: RunViewers
  readonly #view: RunView
  readonly #key = new PageKey()
  readonly #files = new PageFiles('run', '')
  readonly #server: Server
  #controls: RunControls | undefined
  #reportPath: string | undefined

  private constructor(view: RunView) {
    this.#view = view
    this.viewers = new RunViewers(isWhole => view.message(isWhole))
    this.#server = createServer((request, response) => this.#serve(request, response))
    this.#server.maxConnections = MOST_CONNECTIONS
  }

  /** @param port 0 for a free one. @throws if it cannot listen there */
  static async open(port: number, view: RunView): Promise<RunPageServer> {
    const page = new RunPageServer(view)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    page.#server.once('error', reject)
    page.#server.listen(port, HOST, resolve)
    await promise
    page.#server.on('error', () => {})
    // It keeps no process alive: a run that is over ends.
    page.#server.unref()
    return page
  }

  /** Address for the person who may change the run. Behind the # is the key. */
  get address(): string {
    return `http://${HOST}:${(this.#server.address() as AddressInfo).port}/#${this.#key.text}`
  }

  /** Sends what is new to all viewers. */
  send(): void {
    this.viewers.send()
    this.#view.sent()
  }

  /** Keeps the process alive, until it is closed. */
  keepAlive(): void {
    this.#server.ref()
  }

  /** Tells where commands go. */
  control(controls: RunControls): void {
    this.#controls = controls
  }

  /** Tells where the report was written. */
  report(path: string): void {
    this.#reportPath = path
  }

  close(): void {
    this.viewers.close()
    this.#server.close()
    this.#server.closeIdleConnections()
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const refusal = foreignPage(request.headers)
    if (refusal !== undefined) return refuse(response, 403, refusal)
    const [path = ''] = (request.url ?? '').split('?')
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    if (path === '/commands') return this.#command(request, response)
    if (!isRead) return refuse(response, 405, 'expected GET')
    if (path === '/feed') return this.#follow(response)
    if (path === '/access') return this.#admit(request, response)
    if (path === '/report') return this.#sendReport(response)
    const file = this.#files.file(path.slice(1))
    if (file === undefined) return refuse(response, 404, 'there is no such file')
    const { mediaType, body, etag } = file
    if (request.headers['if-none-match'] === etag) return void response.writeHead(304, { ...pageHeaders, etag }).end()
    response.writeHead(200, { ...pageHeaders, 'content-type': mediaType, etag }).end(body)
  }

  #follow(response: ServerResponse): void {
    if (!this.viewers.add(response)) refuse(response, 503, `expected at most ${MOST_RESPONSES} viewers at once`)
  }

  /** Tells a page whether it may change the run. */
  #admit({ headers }: IncomingMessage, response: ServerResponse): void {
    answer(response, 200, { mayControl: this.#key.isIn(headers) })
  }

  #sendReport(response: ServerResponse): void {
    if (this.#reportPath === undefined) return refuse(response, 404, 'the report is not written yet')
    const file = createReadStream(this.#reportPath)
    file.on('error', () => {
      if (response.headersSent) response.destroy()
      else refuse(response, 404, 'the report was moved or removed')
    })
    file.once('open', () => {
      response.writeHead(200, reportHeaders)
      file.pipe(response)
    })
  }

  #command(request: IncomingMessage, response: ServerResponse): void {
    if (request.method !== 'POST') return refuse(response, 405, 'expected POST')
    if (!this.#key.isIn(request.headers))
      return refuse(response, 401, 'expected the key of the run, which is behind the # of the address in its terminal')
    if (request.headers['content-type'] !== 'application/json') return refuse(response, 415, 'expected JSON')
    let text = ''
    request.setEncoding('utf8')
    request.on('data', (chunk: string) => {
      text += chunk
      if (text.length <= MOST_COMMAND_BYTES) return
      request.removeAllListeners('data').removeAllListeners('end').resume()
      refuse(response, 413, `expected a command of at most ${MOST_COMMAND_BYTES} bytes`)
    })
    request.on('end', () => {
      const acknowledgement = this.#give(text)
      answer(response, acknowledgement.state === 'accepted' ? 200 : 409, acknowledgement)
      this.send()
    })
  }

  #give(text: string): Acknowledgement {
    if (this.#controls === undefined) return { state: 'refused', reason: 'the run has not begun' }
    try {
      return this.#controls.give(readCommand(JSON.parse(text)))
    } catch (error) {
      const reason = error instanceof SyntaxError ? 'expected JSON' : (error as Error).message
      return { state: 'refused', reason }
    }
  }
}

function refuse(response: ServerResponse, status: number, detail: string): void {
  answer(response, status, { status, detail })
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { ...pageHeaders, 'content-type': 'application/json' }).end(JSON.stringify(body))
}
