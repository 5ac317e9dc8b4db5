/** Whoever shows a token that is good. */
export interface Bearer {
  client: string
  /** The id of the user it was issued to; of the client where no user is concerned. */
  subject: string
  scopes: readonly string[]
  /** Wall time in ms. */
  expiresAtMs: number
  /** The tokens that go back to one grant; they are revoked together. */
  family: string
}
