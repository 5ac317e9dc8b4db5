import { createSigner, createVerifier } from 'fast-jwt'
import { generateKeyPairSync } from 'node:crypto'
import type { KnownOperation } from '../../contract/api/operations.ts'

/** An answer of the target to one request, which a floor gives to every such request. */
export interface SameAnswer {
  operation: KnownOperation
  /** Without the query. */
  path: string
  method: 'GET' | 'POST'
  status: number
  headers: Record<string, string>
  body: string
  /** The work that an answer cannot do without: a token that is signed, or one that is verified. */
  work?: 'sign' | 'verify'
}

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const sign = createSigner({ algorithm: 'ES256', key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() })
const verify = createVerifier({ key: publicKey.export({ type: 'spki', format: 'pem' }).toString() })
const claims = { sub: '1', client_id: 'bench', scope: 'profile', jti: 'bench', iat: 1795132800, exp: 4102444800 }
const shownToken = sign(claims)

/** Does an answer's work; the token is one of our own, since the target's key is its own. */
export function workOf({ work }: SameAnswer): () => void {
  if (work === 'sign') return () => sign(claims)
  if (work === 'verify') return () => verify(shownToken)
  return () => {}
}
