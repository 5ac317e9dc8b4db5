import type { Static } from 'typebox'
import { checker, closed, dottedPath } from '../../core/check.ts'
import { Type } from '../../core/schema.ts'

/** Name of a load; absent for all loads, or the only one. */
const load = Type.Optional(Type.String({ minLength: 1, maxLength: 200 }))
const amount = Type.Optional(Type.Number({ minimum: 0 }))

const ControlCommandSchema = Type.Object(
  {
    kind: Type.Enum(['pause', 'resume', 'scale', 'stop', 'abort']),
    load,
    /** A scale has exactly one of these: users of a closed model, iterations per time unit of an open one, or a multiple of the plan. */
    users: Type.Optional(Type.Integer({ minimum: 0 })),
    rate: amount,
    factor: amount,
  },
  closed,
)

/** The size that a load is scaled to. */
export type ScaleSize = { users: number } | { rate: number } | { factor: number }

/** A command to a run under way. It is a plain value, so that it can come from anywhere. */
export type ControlCommand = LoadCommand | { kind: 'stop' } | { kind: 'abort' }

export type LoadCommand =
  | { kind: 'pause'; load?: string }
  | { kind: 'resume'; load?: string }
  | { kind: 'scale'; load?: string; size: ScaleSize }

const written = checker(ControlCommandSchema)

/** Reads a command that came from outside. @throws RangeError that says what was expected and what came */
export function readCommand(value: unknown): ControlCommand {
  if (!written.check(value)) {
    const errors = written.errors(value)
    throw new RangeError(
      errors.map(({ pointer, detail }) => `${dottedPath(pointer) || 'the command'}: ${detail}`).join('; '),
    )
  }
  const { kind, load } = value
  const named = load === undefined ? {} : { load }
  const sizes = sizesOf(value)
  if (kind === 'scale') {
    const [size, ...others] = sizes
    if (size === undefined || others.length > 0)
      throw new RangeError(`expected one of users, rate and factor, got ${sizes.length === 0 ? 'none' : sizes.length}`)
    return { kind, ...named, size }
  }
  if (sizes.length > 0) throw new RangeError(`users, rate and factor are for scale, and not for ${kind}`)
  if (kind === 'pause' || kind === 'resume') return { kind, ...named }
  if (load !== undefined) throw new RangeError(`${kind} ends the whole run, and takes no load`)
  return { kind }
}

function sizesOf({ users, rate, factor }: Static<typeof ControlCommandSchema>): ScaleSize[] {
  return [
    ...(users === undefined ? [] : [{ users }]),
    ...(rate === undefined ? [] : [{ rate }]),
    ...(factor === undefined ? [] : [{ factor }]),
  ]
}

/** Returns a command as it is sent. */
export function writtenCommand(command: ControlCommand): Record<string, unknown> {
  if (command.kind !== 'scale') return { ...command }
  const { size, ...others } = command
  return { ...others, ...size }
}
