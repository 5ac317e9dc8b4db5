import { describe, expect, it } from 'vitest'
import { readSource } from '../../../../harness/authoring/source.ts'
import { UnusableSource } from '../../../../harness/authoring/unusable-source.ts'

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

  it.each([
    ['', /the file is empty/],
    [' \n ', /the file is empty/],
    ['[1, 2]', /neither an OpenAPI document nor a recording/],
    ['just text', /neither an OpenAPI document nor a recording/],
    ['{"info":{}}', /no "openapi".*no "log"/],
    ['{"asyncapi":"3.0.0"}', /AsyncAPI/],
    ['{"openapi":"3.0.0",\n"a":1 "b"}', /not valid JSON in line 2/],
    ['{"openapi":"3.0.0","a":"hunter2', /not valid JSON.*it ends too early/],
    ['openapi: "3.0.0\npassword: hunter2', /not valid YAML in line \d/],
    ['openapi: 3.0.0\na: *hunter2', /uses its anchors|not valid YAML/],
  ])('refuses %j and quotes nothing of it', (text, message) => {
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
