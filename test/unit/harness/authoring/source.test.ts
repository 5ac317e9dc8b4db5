import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { scenariosFromOpenApi } from '../../../../harness/authoring/openapi/write.ts'
import { scenarioFromRecording } from '../../../../harness/authoring/recording/write.ts'
import { readSource } from '../../../../harness/authoring/source.ts'
import { UnusableSource } from '../../../../harness/authoring/unusable-source.ts'
import { openApiDocument } from '../../../../target/openapi/document.ts'
import { har, type HarRequest } from '../../../support/recordings/har.ts'

const visit: HarRequest[] = [
  {
    url: 'https://shop.example.com/login',
    form: { user: 'a', password: 'b' },
    response: { token: 'issued-1', list: [{ id: 1, name: 'x' }] },
    responseHeaders: { 'Set-Cookie': 'sid=abc-1234' },
  },
  {
    url: 'https://shop.example.com/orders?page=1',
    at: 2,
    headers: { Authorization: 'Bearer issued-1', Cookie: 'sid=abc-1234' },
    json: { a: [{ b: 1 }] },
    response: { id: 50170 },
    page: 'p1',
  },
  { url: 'https://shop.example.com/orders/50170', at: 4, status: 302, responseHeaders: { Location: '/x' } },
]

/** Returns the message and the advice of the error. */
function refusal(text: string): string {
  try {
    readSource(text)
  } catch (error) {
    if (error instanceof UnusableSource) return `${error.message} / ${error.nextStep}`
    throw error
  }
  return 'accepted'
}

describe('readSource', () => {
  it('tells documents from recordings, in JSON and YAML', () => {
    const kinds = [
      '{"openapi":"3.1.0"}',
      'openapi: 3.0.0\ninfo: {}',
      '{"log":{"entries":[]}}',
      '  \n{"swagger":"2.0"}',
    ].map(text => readSource(text).kind)
    expect(kinds).toEqual(['openapi', 'openapi', 'recording', 'openapi'])
  })

  it.each<[string, string, RegExp]>([
    ['nothing', '', /the file is empty/],
    ['only spaces', ' \n ', /the file is empty/],
    ['a list', '[1, 2]', /neither an OpenAPI document nor a recording/],
    ['prose', 'just text', /neither an OpenAPI document nor a recording/],
    ['any JSON', '{"info":{}}', /no "openapi".*no "log"/],
    ['AsyncAPI', '{"asyncapi":"3.0.0"}', /AsyncAPI/],
    ['a syntax error in JSON', '{"openapi":"3.0.0",\n"hunter2":1 "b"}', /not valid JSON in line 2/],
    ['JSON that is cut off', '{"openapi":"3.0.0","a":"hunter2', /not valid JSON.*it ends too early/],
    ['a syntax error in YAML', 'openapi: "3.0.0\npassword: hunter2', /not valid YAML in line \d/],
    ['YAML with too many levels', `openapi: 3.0.0\na: ${'['.repeat(20_000)}`, /not valid YAML/],
    ['YAML with an unknown anchor', 'openapi: 3.0.0\na: *hunter2', /uses its anchors|not valid YAML/],
  ])('refuses %s, and quotes nothing of it', (_name, text, message) => {
    expect(refusal(text)).toMatch(message)
    expect(refusal(text)).not.toContain('hunter2')
  })

  it('refuses YAML whose anchors would fill the memory', () => {
    const levels = Array.from(
      { length: 12 },
      (_, at) => `a${at + 1}: &a${at + 1} [${Array(12).fill(`*a${at}`).join(', ')}]`,
    )
    expect(refusal(['openapi: 3.0.0', 'a0: &a0 [x]', ...levels].join('\n'))).toMatch(
      /uses its anchors in a circle, or more than 1000 times/,
    )
  })
})

describe('a document or recording with anything anywhere', () => {
  const junk = fc.oneof(
    fc.constantFrom<unknown>(null, true, 0, -1, 1e300, '', 'text', [], {}, [[]], '#/', '#/paths', 'x.yaml'),
    fc.jsonValue({ maxDepth: 2 }),
    fc.record({ $ref: fc.constantFrom('#/components/schemas/Task', '#/paths', '#', 'other.json', '#/components') }),
  )
  const documents: [string, unknown][] = [
    ['an OpenAPI document', openApiDocument('1')],
    ['a recording', JSON.parse(har(visit))],
  ]

  /** Replaces some parts of a value, chosen by the numbers. */
  function spoiled(value: unknown, choices: readonly [number, unknown][]): unknown {
    let whole = value
    for (const [choice, replacement] of choices) {
      const places: [parent: Record<string, unknown>, key: string][] = []
      const walk = (parent: unknown) => {
        if (typeof parent !== 'object' || parent === null) return
        for (const [key, child] of Object.entries(parent)) {
          places.push([parent as Record<string, unknown>, key])
          walk(child)
        }
      }
      whole = structuredClone(whole)
      walk(whole)
      const place = places[choice % Math.max(places.length, 1)]
      if (place !== undefined) place[0][place[1]] = replacement
    }
    return whole
  }

  it.each(documents)('is written, or refused with a reason: %s', (_name, sound) => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(), junk), { minLength: 1, maxLength: 6 }), choices => {
        try {
          const { kind, content } = readSource(JSON.stringify(spoiled(sound, choices)))
          if (kind === 'openapi') scenariosFromOpenApi(content, 'any', { only: [], tags: [] })
          else scenarioFromRecording(content, 'any', { only: [], host: undefined, keepsStatic: false })
        } catch (error) {
          if (!(error instanceof UnusableSource)) throw error
        }
      }),
      { seed: 5, numRuns: 40 },
    )
  })
})
