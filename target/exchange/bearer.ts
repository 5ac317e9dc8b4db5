/** The holder of a good token. */
export interface Bearer {
  client: string
  /** The id of the user it was issued to; of the client where no user is concerned. */
  subject: string
  /** The user it was issued to; undefined where no user is concerned. */
  user: TokenUser | undefined
  scopes: readonly string[]
  /** Wall time in ms. */
  expiresAtMs: number
  /** The tokens that go back to one grant; they are revoked together. */
  family: string
  /** Its `jti`: no other token has it. */
  tokenId: string
}

/** The facts about a user that its token states. */
export interface TokenUser {
  id: number
  email: string
}

/** Whether a token that was admitted is still valid: neither expired nor revoked. */
export type IsTokenValid = (bearer: Bearer) => boolean
