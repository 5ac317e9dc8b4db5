import type { Static, TSchema } from 'typebox'
import { checker } from '../../core/check.ts'
import { Type } from '../../core/schema.ts'
import { LONGEST_NAME } from './cluster-subjects.ts'

const part = Type.String({ pattern: '^[\\w-]{1,64}$' })
const word = Type.String({ maxLength: LONGEST_NAME })

/** The protocol between coordinators and workers that have not met yet. */
export const PROTOCOL = 1

/** A coordinator looks for workers. */
const callSchema = Type.Object({ coordinator: part, runId: word })

/** A worker answers a call. */
const helloSchema = Type.Object({
  protocol: Type.Integer(),
  worker: part,
  name: word,
  version: word,
  host: word,
  cores: Type.Integer({ minimum: 1 }),
  place: Type.Optional(word),
  /** The run that it works on; absent while it waits. */
  busy: Type.Optional(Type.Object({ runId: word, link: part })),
})

/** A coordinator offers its run to a worker. */
const offerSchema = Type.Object({
  runId: word,
  link: part,
  bundle: Type.Object({ name: part, parts: Type.Integer({ minimum: 1 }), bytes: Type.Integer({ minimum: 1 }) }),
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  /** Limit of the unpacked files. */
  mostBytes: Type.Integer({ minimum: 1 }),
  /** Either side is lost after this time without a packet. */
  lostAfterMs: Type.Number({ minimum: 1000, maximum: 3_600_000 }),
})

/** A worker accepts an offer, or is busy. */
const answerSchema = Type.Object({ accepted: Type.Boolean() })

export type Call = Static<typeof callSchema>
export type Hello = Static<typeof helloSchema>
export type Offer = Static<typeof offerSchema>
export type OfferAnswer = Static<typeof answerSchema>

export const calls = reader(callSchema)
export const hellos = reader(helloSchema)
export const offers = reader(offerSchema)
export const answers = reader(answerSchema)

export function encodeRendezvous(message: Call | Hello | Offer | OfferAnswer): Uint8Array {
  return Buffer.from(JSON.stringify(message))
}

/** Returns a function that reads a message; undefined for anything else, which a stranger may have sent. */
function reader<S extends TSchema>(schema: S): (bytes: Uint8Array | undefined) => Static<S> | undefined {
  const check = checker(schema)
  return bytes => {
    if (bytes === undefined) return undefined
    try {
      const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'))
      return check.check(value) ? value : undefined
    } catch {
      return undefined
    }
  }
}
