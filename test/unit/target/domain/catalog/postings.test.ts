import { expect, it } from 'vitest'
import { wordsOf } from '../../../../../target/domain/catalog/postings.ts'

it.each([
  ['Wireless  Headphones', ['wireless', 'headphones']],
  ['non-slip', ['non', 'slip']],
  ["D'Amore, 2nd", ['d', 'amore', '2nd']],
  ['CAFÉ crème', ['cafe', 'creme']],
  ['ﬁtness', ['fitness']],
  ['Ελλάδα 東京', ['ελλαδα', '東京']],
  ['!!! --- \u0000 😀', []],
  ['\ud800', []],
  ['', []],
])('%j has the words %j', (text, words) => {
  expect(wordsOf(text)).toEqual(words)
})
