import { Arrow } from '../code/expression.ts'
import { requestLabel, shortened } from '../code/comment.ts'
import { Guards } from '../code/guards.ts'
import { bodyName, Names } from '../code/names.ts'
import { scenarioCode } from '../code/scenario-code.ts'
import type { RequestStep, ScenarioStep } from '../code/steps.ts'
import type { JsonFields } from '../json-tree.ts'
import { EnvironmentNames } from '../secrets/environment-names.ts'
import { Redaction } from '../secrets/redaction.ts'
import { isSecretName } from '../../../core/secret-names.ts'
import type { KnownSecrets } from '../secrets/known-secrets.ts'
import { BASIC_SENTENCE, runSentence } from '../target-hint.ts'
import type { WrittenFiles } from '../written-files.ts'
import { chooseRequests, type ChosenRequests, type RecordingOptions } from './chosen.ts'
import { Correlation } from './correlation.ts'
import { type RecordedRequest, entriesOf } from './entry.ts'
import { RecordedIdentity } from './identity.ts'
import { type FollowedRequest, joinRedirects } from './redirects.ts'
import { RequestWriter, type WrittenRequest } from './request.ts'
import { secretsOf } from './secrets.ts'
import { shapeOf } from './shape.ts'

/** Most names of headers that a note lists. */
const MOST_NAMES = 8
/** Shorter gaps are the work of the client, not the thinking of a person. */
const SHORTEST_PAUSE_MS = 200
/** In a longer pause, the person did something else. */
const LONGEST_PAUSE_MS = 60_000

/**
 * Writes a scenario from a recording (HAR 1.2): its requests in their order, with the pauses between them.
 * @param base name of the file, without its extension
 * @throws UnusableSource
 */
export function scenarioFromRecording(log: JsonFields, base: string, options: RecordingOptions): WrittenFiles {
  const entries = entriesOf(log)
  const secrets = secretsOf(entries)
  const names = new Names()
  const environment = new EnvironmentNames(base, names)
  const redaction = new Redaction(environment, secrets)
  const chosen = chooseRequests(
    entries,
    options,
    new RequestWriter({ redaction, secrets, correlation: new Correlation([], names) }),
  )
  const followed = joinRedirects(chosen.requests)
  const journey = new Journey(followed, { names, redaction, secrets })
  const steps = journey.steps()
  const notes = [...chosen.notes, ...journey.notes()]
  const scenario = {
    comment: commentOf(chosen, base, notes),
    description: `Repeats a recorded visit to ${chosen.host}.`,
    environment: environment.constants(),
    userName: 'visitor',
    think: "between('1s', '3s')",
    ...(journey.identity.call !== undefined && { identity: journey.identity.call }),
    tasks: steps,
  }
  return {
    files: new Map([[`${base}.ts`, scenarioCode(scenario, journey.guards, names)]]),
    summary: `${followed.length} of ${entries.length} requests of a recording of ${chosen.host}`,
    notes,
    variables: environment.constants().map(({ variable }) => variable),
    target: chosen.origin,
  }
}

interface JourneyOptions {
  names: Names
  redaction: Redaction
  secrets: KnownSecrets
}

/** Writes the steps of a visit. */
class Journey {
  readonly guards: Guards
  readonly identity: RecordedIdentity
  readonly #followed: readonly FollowedRequest[]
  readonly #secrets: KnownSecrets
  readonly #redaction: Redaction
  readonly #correlation: Correlation
  readonly #writer: RequestWriter

  constructor(followed: readonly FollowedRequest[], { names, redaction, secrets }: JourneyOptions) {
    this.#followed = followed
    this.#secrets = secrets
    this.#redaction = redaction
    // The scenario sees the response after all redirects, and the request before them.
    const seen = followed.map(({ request, final, responses }) => ({
      ...request,
      endMs: final.endMs,
      responseJson: final.responseJson,
      pageFields: final.pageFields,
      responseHeaders: [...responses.flatMap(setCookiesOf), ...final.responseHeaders],
    }))
    this.#correlation = new Correlation(seen, names)
    this.#writer = new RequestWriter({ redaction, secrets, correlation: this.#correlation })
    this.identity = new RecordedIdentity(seen, { correlation: this.#correlation, redaction })
    this.guards = new Guards(names)
  }

  /** Returns the steps in their order, with the pauses between them, and a heading for each page. */
  steps(): ScenarioStep[] {
    // All requests are written before the first is completed, because later ones decide what is taken from its response.
    const written = this.#followed.map(({ request }, at) => ({
      before: this.identity.stepsBefore(at),
      request: this.#writer.write(request, at),
      headers: this.identity.headers(at),
    }))
    let endMs = Number.POSITIVE_INFINITY
    let page: string | undefined
    const visitor: ScenarioStep[] = this.identity.usesJar ? [{ step: 'new visitor' }] : []
    const visited = written.flatMap(({ before, request, headers }, at) => {
      const { request: recorded, final } = this.#followed[at]!
      const steps: ScenarioStep[] = []
      const pause = pauseBefore(recorded.startMs, endMs)
      if (pause !== undefined) steps.push({ step: 'pause', duration: pause })
      if (recorded.page !== undefined && recorded.page !== page)
        steps.push({ step: 'heading', text: `Page ${shortened(request.name, 100)}` })
      page = recorded.page
      endMs = Math.max(endMs === Number.POSITIVE_INFINITY ? 0 : endMs, final.endMs)
      return [...steps, ...before, this.#step(at, request, headers)]
    })
    return [...visitor, ...visited]
  }

  /** Returns sentences on what the scenario does not repeat. */
  notes(): string[] {
    const sent = new Set(this.#followed.flatMap(({ request }) => request.headers.map(([name]) => name)))
    const others = [...sent].filter(name => isCustomHeader(name) && !isSecretName(name) && !this.#secrets.isIn(name))
    const { emails } = this.#redaction
    return [
      ...(others.length > 0
        ? [`Headers left out: ${others.slice(0, MOST_NAMES).join(', ')}. Add those that the service needs.`]
        : []),
      ...(this.identity.usesBasic ? [BASIC_SENTENCE] : []),
      ...(emails > 0
        ? [
            `${emails === 1 ? 'An e-mail address was' : `${emails} e-mail addresses were`} replaced by someone@example.com.`,
          ]
        : []),
    ]
  }

  #step(at: number, { path, name, options, comments }: WrittenRequest, secretHeaders: JsonFields): RequestStep {
    const { request, final, isManual } = this.#followed[at]!
    const headers = { ...(options['headers'] as JsonFields | undefined), ...secretHeaders }
    const label = requestLabel(request.method, name)
    const { name: ownName, headers: _, ...others } = options
    return {
      step: 'request',
      method: request.method,
      path,
      options: {
        ...others,
        ...(Object.keys(headers).length > 0 && { headers }),
        ...(ownName !== undefined && { name: ownName }),
        ...(final.status >= 400 && { expect: final.status }),
        ...(isManual && { redirect: 'manual' }),
      },
      claims: this.#claims(label, final.status, final.responseJson, name),
      captures: this.#correlation.captures.get(at) ?? [],
      comments,
    }
  }

  #claims(label: string, status: number, json: unknown, name: string): Record<string, Arrow> {
    // A 304 came because the browser had the body already; the scenario has not.
    const expected = status === 304 ? 200 : status
    const claims: Record<string, Arrow> = {
      [`${label}: status is ${expected}`]: new Arrow('({ status })', `status === ${expected}`),
    }
    const body =
      json === undefined
        ? undefined
        : this.guards.claim(shapeOf(json, this.#secrets), bodyName(label.split(' ')[0]!, name))
    return body === undefined ? claims : { ...claims, [`${label}: ${body.meaning}`]: body.claim }
  }
}

/** Returns the pause before a request, as a duration; undefined if there was none. @param endMs when the last response before it had ended */
function pauseBefore(startMs: number, endMs: number): string | undefined {
  const gapMs = Math.min(startMs - endMs, LONGEST_PAUSE_MS)
  if (gapMs < SHORTEST_PAUSE_MS) return undefined
  return gapMs < 1000
    ? `${Math.round(gapMs / 50) * 50}ms`.replace(/^1000ms$/, '1s')
    : `${Number((gapMs / 1000).toFixed(1))}s`
}

/** Tells whether a service may need a header that a browser does not send by itself. */
function isCustomHeader(name: string): boolean {
  return (
    /^x-[a-z][a-z-]{0,38}$/.test(name) &&
    !/^x-(requested-with|forwarded-.*|real-ip|client-data|devtools-.*)$/.test(name)
  )
}

function commentOf({ host, origin }: ChosenRequests, base: string, notes: readonly string[]): string[] {
  return [
    `A visit to ${host}, as it was recorded: the requests in their order, one after another, with the pauses between them. ` +
      'Written by `loadcell init`, and yours to change: replace recorded values by data that differs between users.',
    runSentence(base, origin),
    ...notes,
  ]
}

function setCookiesOf({ responseHeaders }: RecordedRequest): RecordedRequest['responseHeaders'] {
  return responseHeaders.filter(([name]) => name === 'set-cookie')
}
