import * as fc from 'fast-check'
import type { JsonSchema, Parameter } from '../../../target/openapi/specification.ts'
import type { ApiOperation } from '../api/documented.ts'
import { entitled, type Identity, identities } from '../api/identity.ts'
import { type DrawnBody, encoded, fittingBody, hostileBody, nearlyFittingBody, noBody } from './bodies.ts'
import { fitting, hostileText } from './values.ts'

/** A request as it was drawn. Path values are decoded. */
export interface Draw {
  identity: Identity
  path: Record<string, string>
  query: [name: string, value: string][]
  headers: Record<string, string>
  body: Buffer
  /**
   * Which of the values that earlier answers brought (ids, ETags, tokens) it uses instead, counted from the newest; null
   * for none. If even, those that the same identity was given come first.
   */
  recalled: number | null
}

/** The request built from the document's examples, or from the newest existing things. It is expected to succeed. */
export function exampleDraw({ parameters, body, scope }: ApiOperation): Draw {
  const examplesOf = (place: Parameter['in']) =>
    parameters
      .filter(parameter => parameter.in === place && parameter.required)
      .map(({ name, example }) => [name, String(example)] as [string, string])
  const [value] = Object.values(body?.examples ?? {})
  const { headers, bytes } = body ? encoded(value ?? {}, body.mediaType) : noBody
  return {
    identity: entitled(scope)[0] as Identity,
    path: Object.fromEntries(examplesOf('path')),
    query: examplesOf('query'),
    headers,
    body: bytes,
    recalled: value === undefined ? 0 : null,
  }
}

/** Requests for an operation: valid, nearly valid, and hostile. */
export function drawsOf(operation: ApiOperation): fc.Arbitrary<Draw> {
  const entitledTo = fc.constantFrom(...entitled(operation.scope))
  const anybody = fc.constantFrom(...identities)
  const draw = (identity: fc.Arbitrary<Identity>, values: Values, body: fc.Arbitrary<DrawnBody>) =>
    drawOf(operation.parameters, identity, values, body)
  return fc.oneof(
    { weight: 4, arbitrary: draw(entitledTo, fitting, fittingBody(operation)) },
    { weight: 3, arbitrary: draw(entitledTo, fitting, nearlyFittingBody(operation)) },
    { weight: 3, arbitrary: draw(entitledTo, nearlyFitting, fittingBody(operation)) },
    { weight: 1, arbitrary: draw(anybody, fitting, fittingBody(operation)) },
    { weight: 2, arbitrary: draw(anybody, () => hostileText, hostileBody) },
  )
}

type Values = (schema: JsonSchema) => fc.Arbitrary<unknown>

const nearlyFitting: Values = schema => fc.oneof(fitting(schema), hostileText)

/** Headers that every operation understands. */
const shellHeaders = ['X-Loadcell-Run', 'X-Loadcell-Exchange', 'X-Request-Id', 'Accept', 'Authorization', 'Cookie']

function drawOf(
  parameters: readonly Parameter[],
  identity: fc.Arbitrary<Identity>,
  values: Values,
  body: fc.Arbitrary<DrawnBody>,
): fc.Arbitrary<Draw> {
  const part = (place: Parameter['in']) => {
    const own = parameters.filter(parameter => parameter.in === place)
    const drawn = own.map(({ name, schema, example }) => [name, textOf(values(schema), example)])
    const requiredKeys = own.filter(({ required }) => required).map(({ name }) => name)
    return fc.record(Object.fromEntries(drawn) as Record<string, fc.Arbitrary<string>>, { requiredKeys })
  }
  const rarely = <T>(arbitrary: fc.Arbitrary<T>) =>
    fc.oneof({ weight: 9, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.tuple(arbitrary) })
  return fc
    .record({
      identity,
      path: part('path'),
      query: part('query'),
      unknownQuery: rarely(fc.tuple(hostileText, hostileText)),
      headers: part('header'),
      shellHeader: rarely(fc.tuple(fc.constantFrom(...shellHeaders), hostileText)),
      body,
      recalled: fc.option(fc.nat(1000), { freq: 2 }),
    })
    .map(({ identity, path, query, unknownQuery, headers, shellHeader, body, recalled }) => ({
      identity,
      path: path as Record<string, string>,
      query: [...Object.entries(query as Record<string, string>), ...unknownQuery],
      headers: { ...(headers as Record<string, string>), ...Object.fromEntries(shellHeader), ...body.headers },
      body: body.bytes,
      recalled,
      [fc.toStringMethod]: () =>
        JSON.stringify({
          identity,
          path,
          query,
          headers: { ...headers, ...body.headers },
          body: body.bytes.toString().slice(0, 200),
          recalled,
        }),
    }))
}

function textOf(values: fc.Arbitrary<unknown>, example: unknown): fc.Arbitrary<string> {
  const drawn = example === undefined ? values : fc.oneof(fc.constant(example), values)
  return drawn.map(value => (typeof value === 'string' ? value : JSON.stringify(value)))
}
