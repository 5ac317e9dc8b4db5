import type { FastifyInstance } from 'fastify'
import type { Static } from 'typebox'
import { Type } from '../../core/schema.ts'
import type { LiveSettings } from '../configuration/settings.ts'
import { ProblemError } from '../exchange/problem.ts'
import { explain, ExplainedRequest } from '../faults/explanation.ts'
import type { Faults } from '../faults/faults.ts'
import type { FaultsConfiguration } from '../../contract/faults/configuration.ts'
import { presets, presetsOn, rulesOfPreset } from '../../contract/faults/presets.ts'
import type { FaultRuleReport } from '../../contract/faults/report.ts'
import { nearest } from '../../core/nearest.ts'
import { changeFaults } from './change.ts'

/** Accepts a JSON content type on a DELETE without a body: some clients always send it. */
const withoutBody = { config: { bodyOptional: true } }

interface ById {
  Params: { id: string }
}

/**
 * Body of `PUT /_loadcell/faults`. Rules and presets that it does not name are removed; the timeline is only replaced
 * if named. The rules themselves are checked with the configuration.
 */
const Plan = Type.Object(
  {
    rules: Type.Optional(Type.Unknown()),
    presets: Type.Optional(Type.Unknown()),
    timeline: Type.Optional(Type.Unknown()),
  },
  { additionalProperties: false },
)

/** Routes for rules and presets. They are ordinary settings: the configuration shows what is set here. */
export function registerFaultRoutes(app: FastifyInstance, faults: Faults, settings: LiveSettings): void {
  app.get('/faults', (_request, reply) => reply.send(faults.report()))

  app.put<{ Body: Static<typeof Plan> }>('/faults', { schema: { body: Plan } }, ({ body }, reply) => {
    const { rules = [], presets: names = [], timeline } = body
    changeFaults(settings, { rules, presets: names, ...(timeline !== undefined && { timeline }) }, '/faults')
    if (timeline !== undefined) faults.restartTimeline()
    return reply.send(faults.report())
  })

  app.post('/faults', ({ body }, reply) => {
    const { rules } = settings.current.faults
    const id = idOf(body)
    if (id !== undefined && faults.rules.some(rule => rule.id === id && rule.source === 'rules')) {
      const detail = `there is a rule ${id} already: expected an id of its own; PUT /_loadcell/faults/${id} replaces the rule`
      throw new ProblemError('fault_exists', detail)
    }
    changeFaults(settings, { rules: [...rules, body] }, `/faults/rules/${rules.length}`)
    return reply
      .code(201)
      .header('location', `/_loadcell/faults/${id}`)
      .send(reportOf(faults, id as string))
  })

  app.delete('/faults', withoutBody, (_request, reply) => {
    changeFaults(settings, { rules: [], presets: [], timeline: null }, '/faults')
    return reply.send(faults.report())
  })

  app.get<ById>('/faults/:id', ({ params: { id } }, reply) => reply.send(reportOf(faults, id)))

  app.put<ById>('/faults/:id', ({ params: { id }, body }, reply) => {
    const { rules } = settings.current.faults
    // A body that is not an object is refused as such.
    if (typeof body === 'object' && body !== null && !Array.isArray(body) && idOf(body) !== id) {
      const detail = `expected ${JSON.stringify(id)}, as in the path, got ${JSON.stringify(idOf(body)) ?? 'nothing'}`
      throw new ProblemError('invalid_request', `nothing was changed: id: ${detail}`, {
        errors: [{ pointer: '/id', detail }],
      })
    }
    const known = rules.findIndex(rule => rule.id === id)
    const index = known === -1 ? rules.length : known
    changeFaults(
      settings,
      { rules: rules.toSpliced(index, 1, body as (typeof rules)[number]) },
      `/faults/rules/${index}`,
    )
    return reply.code(known === -1 ? 201 : 200).send(reportOf(faults, id))
  })

  app.delete<ById>('/faults/:id', withoutBody, ({ params: { id } }, reply) => {
    const left = without(settings.current.faults, id)
    if (left === undefined) throw nothingToRemove(faults, id)
    changeFaults(settings, left, '/faults')
    return reply.send(faults.report())
  })

  app.post<{ Body: ExplainedRequest }>('/faults/explain', { schema: { body: ExplainedRequest } }, ({ body }, reply) =>
    reply.send(explain(faults, body)),
  )

  app.get('/presets', (_request, reply) =>
    reply.send({ presets: Object.entries(presets).map(([name, preset]) => ({ name, ...preset })) }),
  )
}

function idOf(body: unknown): string | undefined {
  const id = typeof body === 'object' && body !== null && 'id' in body ? body.id : undefined
  return typeof id === 'string' ? id : undefined
}

/** @throws ProblemError not_found */
function reportOf(faults: Faults, id: string): FaultRuleReport {
  const report = faults.reportRule(id)
  if (report === undefined) throw unknownRule(faults, id)
  return report
}

/**
 * Returns the configuration without the rule of this id, or the preset of this name. A preset that loses one rule is
 * replaced by its other rules, which keep their counts. Returns undefined if there is nothing to remove.
 */
function without({ rules, presets: names }: FaultsConfiguration, id: string): Partial<FaultsConfiguration> | undefined {
  if (rules.some(rule => rule.id === id)) return { rules: rules.filter(rule => rule.id !== id) }
  if (names.includes(id)) return { presets: names.filter(name => name !== id) }
  const ofPreset = presetsOn(rules).includes(id) ? rulesOfPreset(id).map(rule => rule.id) : []
  if (ofPreset.length > 0) return { rules: rules.filter(rule => !ofPreset.includes(rule.id)) }
  const apart = names.find(name => rulesOfPreset(name).some(rule => rule.id === id))
  if (apart === undefined) return undefined
  return {
    rules: [...rules, ...rulesOfPreset(apart).filter(rule => rule.id !== id)],
    presets: names.filter(name => name !== apart),
  }
}

function nothingToRemove(faults: Faults, id: string): ProblemError {
  const source = faults.rules.find(rule => rule.id === id)?.source
  return source === 'timeline'
    ? new ProblemError('not_found', `${id} is a rule of the timeline; DELETE /_loadcell/timeline ends that`)
    : unknownRule(faults, id)
}

function unknownRule(faults: Faults, id: string): ProblemError {
  const meant = nearest(
    id,
    faults.rules.map(rule => rule.id),
  )
  const hint = meant === undefined ? 'GET /_loadcell/faults tells which there are' : `did you mean ${meant}?`
  return new ProblemError('not_found', `there is no rule ${id.slice(0, 80)}; ${hint}`)
}

/** Routes for the timeline, which changes faults by phases. */
export function registerTimelineRoutes(app: FastifyInstance, faults: Faults, settings: LiveSettings): void {
  app.get('/timeline', (_request, reply) => reply.send(faults.reportTimeline()))

  app.put('/timeline', ({ body }, reply) => {
    changeFaults(settings, { timeline: body }, '/faults/timeline')
    // An unchanged timeline restarts too, because a client that sends one expects it to begin.
    faults.restartTimeline()
    return reply.send(faults.reportTimeline())
  })

  app.delete('/timeline', withoutBody, (_request, reply) => {
    changeFaults(settings, { timeline: null }, '/faults/timeline')
    return reply.send(faults.reportTimeline())
  })
}
