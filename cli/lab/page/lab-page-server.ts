import type { IncomingMessage, ServerResponse } from 'node:http'
import { pageHeaders } from '../../../pages/assets.ts'
import { MOST_RESPONSES } from '../../../harness/run-page/event-responses.ts'
import { readJsonText, refuse } from '../../../harness/run-page/page-answers.ts'
import { PageServer } from '../../../harness/run-page/page-server.ts'
import { LabInputError } from '../../../labs/lab-input.ts'
import { readLabAction } from './lab-action.ts'
import type { LabDesk } from './lab-desk.ts'
import { LabViewers } from './lab-viewers.ts'

/** The predictions and settings of a lab take a few hundred bytes. */
const MOST_ACTION_BYTES = 16_384

/** Serves the labs to browsers of this machine. */
export class LabPageServer {
  readonly #desk: LabDesk
  readonly #viewers: LabViewers
  readonly #server = new PageServer('lab', (request, response) => this.#serve(request, response))

  private constructor(desk: LabDesk) {
    this.#desk = desk
    this.#viewers = new LabViewers(lab => (lab === undefined ? desk.list() : desk.state(lab)))
    desk.subscribe(lab => this.#viewers.send(lab))
  }

  /** @param port 0 for a free one. @throws if it cannot listen there */
  static async open(port: number, desk: LabDesk): Promise<LabPageServer> {
    const page = new LabPageServer(desk)
    await page.#server.listen(port)
    return page
  }

  /** Address of the list of the labs, with a slash at its end. */
  get address(): string {
    return this.#server.address
  }

  close(): void {
    this.#viewers.close()
    this.#server.closeAtOnce()
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const url = URL.parse(request.url ?? '/', 'http://localhost')
    if (url === null) return refuse(response, 404, 'there is no such file')
    const { pathname, searchParams } = url
    const [, name] = /^\/labs\/([a-z-]+)$/.exec(pathname) ?? []
    if (name !== undefined && !this.#desk.has(name)) return refuse(response, 404, 'there is no such lab')
    if (request.method === 'POST' && name !== undefined) return this.#act(request, response, name)
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405, 'expected GET')
    // A HEAD has no body that could end, so it would keep the place of a viewer.
    if (pathname === '/feed' && request.method === 'GET')
      return this.#follow(response, searchParams.get('lab') ?? undefined)
    this.#server.sendFile(request, response, name === undefined ? pathname.slice(1) : '')
  }

  #follow(response: ServerResponse, lab: string | undefined): void {
    if (lab !== undefined && !this.#desk.has(lab)) return refuse(response, 404, 'there is no such lab')
    if (!this.#viewers.add(response, lab)) refuse(response, 503, `expected at most ${MOST_RESPONSES} viewers at once`)
  }

  #act(request: IncomingMessage, response: ServerResponse, name: string): void {
    const expected = { what: 'an action', mostBytes: MOST_ACTION_BYTES }
    readJsonText(request, response, expected, text => void this.#done(response, name, text))
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
