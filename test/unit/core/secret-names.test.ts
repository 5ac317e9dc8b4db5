import { describe, expect, it } from 'vitest'
import { isSecretField, isSecretName } from '../../../core/secret-names.ts'

describe('isSecretName', () => {
  it.each(
    (
      'password Passwort user_password passwd pwd accessToken access_token id_token refresh-token X-Auth-Token csrfToken _csrf X-XSRF-TOKEN ' +
      'apiKey api_key x-api-key X-Functions-Key client_secret clientSecret secretKey session sessionId PHPSESSID JSESSIONID sid cookie Set-Cookie ' +
      'Authorization Proxy-Authorization signature X-Amz-Signature X-Goog-Credential otp totpCode verification_code pin cvv cvc card_cvc ssn iban nonce ' +
      'SAMLResponse client_assertion code_verifier privateKey access_key key __RequestVerificationToken csrfmiddlewaretoken userpassword password2 newPassword1 accesstoken authenticity_token g-recaptcha-response'
    ).split(' '),
  )('finds %s', name => expect(isSecretName(name)).toBe(true))

  it.each(
    (
      'name id product_id quantity status page cursor sort author authored_by country_code postal_code currencyCode error_code keyboard monkey ' +
      'secretary tokenizer oauth2 sha256 token_type max_tokens maxTokens passenger compass spinner shipping pinned keywords primary_key foreign_key tokenCount auth_type'
    ).split(' '),
  )('leaves %s', name => expect(isSecretName(name)).toBe(false))
})

describe('isSecretField', () => {
  it.each([
    ['password', 'x', true],
    ['code', '123456', true],
    ['code', 'invalid', false],
    ['page', '123456', false],
  ])('looks at the value of a code: %s=%s', (name, value, expected) => {
    expect(isSecretField(name, value)).toBe(expected)
  })
})
