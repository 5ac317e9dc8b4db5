import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Static } from 'typebox'
import { yaml } from '../../../core/yaml.ts'
import type { ChangeRequest } from '../../../contract/target-page.ts'
import { Type } from '../../../core/schema.ts'
import { ProblemError } from '../../exchange/problem.ts'
import type { Changes } from './changes.ts'

const DAY_MS = 86_400_000

const Change = Type.Object(
  {
    title: Type.String({ minLength: 1, maxLength: 200 }),
    place: Type.Enum(['rule', 'preset', 'timeline', 'rate-limit']),
    name: Type.String({ pattern: '^[A-Za-z0-9._-]{0,64}$', expected: 'an id or a name; empty for the timeline' }),
    value: Type.Optional(Type.Unknown()),
    expiresAfterMs: Type.Optional(Type.Integer({ minimum: 100, maximum: DAY_MS })),
  },
  { additionalProperties: false },
)
const ById = Type.Object({ id: Type.String({ pattern: '^\\d{1,9}$', expected: 'the number of a change' }) })

interface WithChange {
  Body: Static<typeof Change>
}
interface OfChange {
  Params: Static<typeof ById>
}

/** Accepts a JSON content type without a body: some clients always send it. */
const withoutBody = { config: { bodyOptional: true }, schema: { params: ById } }

/** Registers the routes for changes that expire: make one, see what it would do, confirm and undo it. */
export function registerChangeRoutes(app: FastifyInstance, changes: Changes): void {
  const schema = { schema: { body: Change } }
  app.post<WithChange>('/ui/changes/preview', schema, (request, reply) =>
    reply.send(changes.preview(request.body, valueOf(request.body), addressOf(request))),
  )
  app.post<WithChange>('/ui/changes', schema, (request, reply) => {
    const made = changes.make(request.body, valueOf(request.body), addressOf(request))
    return reply.code(201).send(made)
  })
  app.get('/ui/changes', (_request, reply) => reply.send({ changes: changes.list }))
  app.post<OfChange>('/ui/changes/:id/confirm', withoutBody, ({ params: { id } }, reply) =>
    reply.send(changes.confirm(Number(id))),
  )
  app.delete<OfChange>('/ui/changes/:id', withoutBody, ({ params: { id } }, reply) =>
    reply.send(changes.undo(Number(id))),
  )
  app.delete('/ui/changes', { config: { bodyOptional: true } }, (_request, reply) => reply.send(changes.undoAll()))
}

/** The member of a value that names it, by its place. */
const nameMember = { rule: 'id', 'rate-limit': 'name' } as const

/** Returns what a change sets. A text is YAML, which people type. @throws ProblemError invalid_request */
function valueOf(request: ChangeRequest): unknown {
  const { place, name } = request
  const value = place === 'preset' ? request.value : parsed(request.value)
  if (value === undefined || value === null) return undefined
  if (place === 'preset' || place === 'timeline') return value
  const member = nameMember[place]
  const given: unknown = typeof value === 'object' ? (value as Record<string, unknown>)[member] : undefined
  // Under another name it would not be found again when the change ends.
  if (given !== name) throw refusal(`value.${member}: expected ${JSON.stringify(name)}, as in name`)
  return value
}

function parsed(value: unknown): unknown {
  if (typeof value !== 'string') return value
  try {
    return yaml().parse(value)
  } catch (error) {
    throw refusal(`value: expected YAML, got ${String(error)}`)
  }
}

function refusal(detail: string): ProblemError {
  return new ProblemError('invalid_request', `nothing was changed: ${detail}`)
}

/** Address at which the client reaches the control plane, for commands that it can copy. */
function addressOf({ protocol, host }: FastifyRequest): string {
  return `${protocol}://${host}`
}
