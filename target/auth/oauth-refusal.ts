import type { OAuthError, OAuthErrorCode } from '../../contract/problem.ts'

/** Thrown by what OAuth defines; answered as RFC 6749 §5.2 has it. */
export class OAuthRefusal extends Error {
  readonly error: OAuthErrorCode

  constructor(error: OAuthErrorCode, description: string) {
    super(description)
    this.name = 'OAuthRefusal'
    this.error = error
  }

  get status(): number {
    return this.error === 'invalid_client' ? 401 : 400
  }

  get body(): OAuthError {
    return { error: this.error, error_description: this.message }
  }
}
