import { expect, it } from 'vitest'
import { cookiesIn, pairsOf } from '../../../../../harness/session/cookies/cookie-header.ts'

it('reads the cookies of a header, with or without names, spaces and equals signs in their values', () => {
  const header = 'sid=1;theme=a=b;  nameless; =empty; last='
  expect(pairsOf(header)).toEqual(['sid=1', 'theme=a=b', 'nameless', '=empty', 'last='])
  expect(cookiesIn(header)).toEqual([
    ['sid', '1'],
    ['theme', 'a=b'],
    ['last', ''],
  ])
})
