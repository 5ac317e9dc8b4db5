import { graphqlMediaTypes } from '../../../contract/graphql/protocol.ts'
import { ProblemError } from '../../exchange/problem.ts'
import { quotedStart } from '../../../core/quoted-start.ts'

/** Returns the media type of the answer that the client prefers. @throws ProblemError not_acceptable */
export function acceptedType(accept: string | undefined): string {
  const { response, json } = graphqlMediaTypes
  // Clients that state nothing may be older than the newer media type.
  if (accept === undefined || accept.trim() === '') return json
  let best: { type: string; weight: number } | undefined
  for (const range of accept.split(',')) {
    const [name = '', ...parameters] = range.split(';').map(part => part.trim().toLowerCase())
    const weight = weightOf(parameters)
    const type =
      name === response ? response : name === json || name === '*/*' || name === 'application/*' ? json : undefined
    if (type !== undefined && weight > (best?.weight ?? 0)) best = { type, weight }
  }
  if (best !== undefined) return best.type
  throw new ProblemError('not_acceptable', `expected Accept with ${response} or ${json}, got ${quotedStart(accept)}`)
}

function weightOf(parameters: readonly string[]): number {
  const stated = parameters.find(parameter => parameter.startsWith('q='))
  const weight = stated === undefined ? 1 : Number(stated.slice(2))
  return weight >= 0 && weight <= 1 ? weight : 0
}
