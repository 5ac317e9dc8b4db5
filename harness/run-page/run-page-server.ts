import { createReadStream } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { readCommand } from '../live-control/control-command.ts'
import type { Acknowledgement, RunControls } from '../live-control/run-controls.ts'
import { MOST_RESPONSES } from './event-responses.ts'
import { PageKey } from './page-access.ts'
import { answer, readJsonText, refuse } from './page-answers.ts'
import { PageServer } from './page-server.ts'
import type { RunView } from './run-view.ts'
import { RunViewers } from './run-viewers.ts'

/** A command takes a few hundred bytes. */
const MOST_COMMAND_BYTES = 4096

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
  readonly #server = new PageServer('run', (request, response) => this.#serve(request, response))
  #controls: RunControls | undefined
  #reportPath: string | undefined

  private constructor(view: RunView) {
    this.#view = view
    this.viewers = new RunViewers(isWhole => view.message(isWhole))
  }

  /** @param port 0 for a free one. @throws if it cannot listen there */
  static async open(port: number, view: RunView): Promise<RunPageServer> {
    const page = new RunPageServer(view)
    await page.#server.listen(port)
    // A run that is over ends its process.
    page.#server.keepAlive(false)
    return page
  }

  /** Address for the person who may change the run. Behind the # is the key. */
  get address(): string {
    return `${this.#server.address}#${this.#key.text}`
  }

  /** Sends what is new to all viewers. */
  send(): void {
    this.viewers.send()
    this.#view.sent()
  }

  /** Keeps the process alive, until it is closed. */
  keepAlive(): void {
    this.#server.keepAlive(true)
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
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const [path = ''] = (request.url ?? '').split('?')
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    if (path === '/commands') return this.#command(request, response)
    if (!isRead) return refuse(response, 405, 'expected GET')
    // A HEAD has no body that could end, so it would keep the place of a viewer.
    if (path === '/feed' && request.method === 'GET') return this.#follow(response)
    if (path === '/access') return this.#admit(request, response)
    if (path === '/report') return this.#sendReport(response)
    this.#server.sendFile(request, response, path.slice(1))
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
      // A browser that leaves before the end must not leave the file open.
      response.once('close', () => file.destroy())
      file.pipe(response)
    })
  }

  #command(request: IncomingMessage, response: ServerResponse): void {
    if (request.method !== 'POST') return refuse(response, 405, 'expected POST')
    if (!this.#key.isIn(request.headers))
      return refuse(response, 401, 'expected the key of the run, which is behind the # of the address in its terminal')
    readJsonText(request, response, { what: 'a command', mostBytes: MOST_COMMAND_BYTES }, text => {
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
