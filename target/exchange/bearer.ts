/** The holder of a valid token. */
export interface Bearer {
  client: string
  /** Id of the user, or of the client if the token belongs to no user. */
  subject: string
  /** The user; undefined if the token belongs to a client alone. */
  user: TokenUser | undefined
  scopes: readonly string[]
  /** Wall time in ms. */
  expiresAtMs: number
  /** Id of the tokens that stem from the same grant and are revoked together. */
  family: string
  /** The unique id of the token, its `jti`. */
  tokenId: string
}

/** The facts about a user that its token states. */
export interface TokenUser {
  id: number
  email: string
}

/** Whether a token that was admitted is still valid: neither expired nor revoked. */
export type IsTokenValid = (bearer: Bearer) => boolean
