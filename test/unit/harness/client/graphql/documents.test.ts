import { expect, it } from 'vitest'
import { GraphqlDocuments } from '../../../../../harness/client/graphql/documents.ts'

it.each([
  ['query Page { a }', 'Page'],
  ['\n  # query Comment\n mutation Buy($a: Int) { b }', 'Buy'],
  ['subscription Follow{ a }', 'Follow'],
  ['{ a }', undefined],
  ['query { a }', undefined],
  ['query One { a } query Two { b }', undefined],
  ['fragment F on Q { query } query Named { ...F }', 'Named'],
  ['{ a(text: "query Quoted { b }") }', undefined],
  ['query Block { a(text: """mutation Not { b }""") }', 'Block'],
])('finds the name of the only operation: %s', (text, name) => {
  expect(new GraphqlDocuments().of(text).name).toBe(name)
})

it.each([
  ['subscription { events(streams: ["a"]) { offset } }', false],
  ['subscription { events(streams: ["a"], types: ["b"]) { offset } }', true],
  ['subscription { events(streams: ["a"], group: "g") { offset } }', true],
  ['subscription { events(streams: ["types: no"]) { offset } }', false],
])('knows whether events are left out on purpose: %s', (text, hasHolesByDesign) => {
  expect(new GraphqlDocuments().of(text).hasHolesByDesign).toBe(hasHolesByDesign)
})

it('reads a document once, and remembers a bounded number', () => {
  const documents = new GraphqlDocuments()
  const first = documents.of('query First { a }')
  expect(documents.of('query First { a }')).toBe(first)
  for (let n = 0; n < 1000; n += 1) documents.of(`query Q${n} { a }`)
  expect(documents.of('query First { a }')).not.toBe(first)
  expect(documents.of('query First { a }')).toEqual(first)
})
