import { createSigner, createVerifier } from 'fast-jwt'
import { generateKeyPairSync } from 'node:crypto'
import type { KnownOperation } from '../../contract/api/operations.ts'

/** The target's answer to a request, which a floor gives to every such request. */
export interface SameAnswer {
  operation: KnownOperation
  /** Without the query. */
  path: string
  method: 'GET' | 'POST'
  status: number
  headers: Record<string, string>
  body: string
  /** Work that no server can save: to sign a token, or to verify one. */
  work?: 'sign' | 'verify'
}

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const sign = createSigner({ algorithm: 'ES256', key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() })
const verify = createVerifier({ key: publicKey.export({ type: 'spki', format: 'pem' }).toString() })
const claims = { sub: '1', client_id: 'bench', scope: 'profile', jti: 'bench', iat: 1795132800, exp: 4102444800 }
const shownToken = sign(claims)

/** Returns a function that does the work of an answer. It has a token of its own, because only the target knows the target's key. */
export function workOf({ work }: SameAnswer): () => void {
  if (work === 'sign') return () => sign(claims)
  if (work === 'verify') return () => verify(shownToken)
  return () => {}
}
