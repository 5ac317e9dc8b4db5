import { expect, it } from 'vitest'
import { acceptedType } from '../../../../../target/gateways/graphql/negotiation.ts'

const [response, json] = ['application/graphql-response+json', 'application/json']

it.each([
  [undefined, json],
  ['', json],
  ['*/*', json],
  ['application/*', json],
  [response, response],
  [`${json}, ${response}`, json],
  [`${json};q=0.5, ${response}`, response],
  [`${response};q=0.1, ${json};q=0.2`, json],
  [`text/html, ${response}; charset=utf-8`, response],
  [`TEXT/HTML, APPLICATION/JSON`, json],
])('accepts %j with %s', (accept, type) => {
  expect(acceptedType(accept)).toBe(type)
})

it.each(['text/html', `${json};q=0`, 'application/xml', `${response};q=nonsense`])('refuses %j', accept => {
  expect(() => acceptedType(accept)).toThrow(/expected Accept with application\/graphql-response\+json/)
})
