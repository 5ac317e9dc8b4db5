import { expect, it } from 'vitest'
import { placeOf } from '../../../../../harness/client/engine/place.ts'

it.each([
  ['http://a.example', 'a.example', 80, false, false],
  ['https://a.example', 'a.example', 443, true, true],
  ['ws://a.example:8080', 'a.example', 8080, false, true],
  ['wss://a.example', 'a.example', 443, true, true],
  ['http://[::1]:81', '::1', 81, false, false],
])('placeOf reads %s', (origin, host, port, isSecure, needsTunnel) => {
  expect(placeOf(origin)).toEqual({ host, port, isSecure, needsTunnel })
})
