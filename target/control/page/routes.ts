import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { TargetHello } from '../../../contract/target-page.ts'
import { pageHeaders, PageFiles } from '../../../pages/assets.ts'
import { isKnown } from '../../http/conditional.ts'
import { ProblemError } from '../../exchange/problem.ts'
import type { LiveSettings } from '../../configuration/settings.ts'
import { registerChangeRoutes } from './change-routes.ts'
import { Changes } from './changes.ts'
import { Sampler, type SamplerDependencies } from './sampler.ts'
import { setupOf } from './setup.ts'
import { eventText, Viewers, type ViewersOptions } from './viewers.ts'

export interface PageDependencies
  extends Omit<SamplerDependencies, 'viewers' | 'settings'>,
    Pick<ViewersOptions, 'lifecycle'> {
  settings: LiveSettings
  version: string
}

const PERIOD_MS = 500
const BASE = '/_loadcell/ui'

/** Serves the files of the live page, which hold nothing about the target. They are looked up when the first is asked for. */
export function registerPageFiles(app: FastifyInstance): void {
  let files: PageFiles | undefined
  const send = (request: FastifyRequest, reply: FastifyReply, path: string) => {
    files ??= new PageFiles('target', BASE)
    const file = files.file(path)
    if (file === undefined) throw new ProblemError('not_found', `the live page has no file ${path.slice(0, 80)}`)
    const { mediaType, body, etag } = file
    void reply.headers(pageHeaders).header('etag', etag)
    if (isKnown(request.headers['if-none-match'], etag)) return reply.code(304).send()
    return reply.type(mediaType).send(body)
  }
  app.get('/ui', (request, reply) => send(request, reply, ''))
  // One route for all: a route for each file would make every start slower.
  app.get<{ Params: { '*': string } }>('/ui/*', (request, reply) => send(request, reply, request.params['*']))
}

/** The feed of the live page, and the changes that are made there. */
export class TargetPage {
  readonly #dependencies: PageDependencies
  readonly #changes: Changes
  readonly #viewers: Viewers
  readonly #startedAt: number
  #sampler: Sampler | undefined
  #settingsVersion = 0
  /** The version of what the viewers know can be changed. */
  #told = ''

  constructor(dependencies: PageDependencies) {
    const { clock, lifecycle, settings, faults } = dependencies
    this.#dependencies = dependencies
    this.#startedAt = Math.round(clock.wallTime())
    settings.onChange(() => (this.#settingsVersion += 1))
    this.#changes = new Changes({ settings, clock, lifecycle, onTimeline: () => faults.restartTimeline() })
    this.#viewers = new Viewers({
      clock,
      lifecycle,
      periodMs: PERIOD_MS,
      begin: () => {
        this.#sampler = new Sampler({ ...dependencies, viewers: this.#viewers })
        this.#told = this.#version
      },
      message: () => this.#message(),
      catchUp: () => this.#setup(),
      end: () => {
        this.#sampler?.end()
        this.#sampler = undefined
      },
    })
  }

  /**
   * Registers what viewers may read.
   * @param mayControl whether the sender of a request may change the target as well
   */
  registerFeed(app: FastifyInstance, mayControl: (request: FastifyRequest) => boolean): void {
    const { ledger, version } = this.#dependencies
    app.get('/ui/feed', (request, reply) => {
      const hello: TargetHello = {
        boot: ledger.boot,
        version,
        startedAt: this.#startedAt,
        mayControl: mayControl(request),
        periodMs: PERIOD_MS,
      }
      const feed = this.#viewers.admit(eventText('hello', hello) + this.#setup())
      return reply.type('text/event-stream').header('cache-control', 'no-store').send(feed)
    })
  }

  /** Registers what changes the target. */
  registerChanges(app: FastifyInstance): void {
    registerChangeRoutes(app, this.#changes)
  }

  #message(): string {
    const version = this.#version
    const setup = version === this.#told ? '' : this.#setup()
    this.#told = version
    return setup + eventText('snapshot', this.#sampler?.take())
  }

  #setup(): string {
    const { settings, faults, stations } = this.#dependencies
    return eventText('setup', setupOf(settings.current, { faults, stations, changes: this.#changes }))
  }

  get #version(): string {
    return `${this.#dependencies.faults.version} ${this.#settingsVersion} ${this.#changes.version}`
  }
}
