import { describe, expect, it } from 'vitest'
import { documentWith } from '../../../../bench/measurement/document.ts'

const document = 'before\n<!-- peers -->\n\nold\n\n<!-- end of peers -->\nafter\n'

describe('documentWith', () => {
  it('replaces what is between the two comments of the benchmark, and nothing else', () => {
    expect(documentWith(document, 'peers', 'new')).toBe(document.replace('old', 'new'))
  })

  it('gives the same document when the same text is written again', () => {
    const once = documentWith(document, 'peers', 'new')
    expect(documentWith(once!, 'peers', 'new')).toBe(once)
  })

  it('says that there is no place when one of the comments is missing', () => {
    expect(documentWith(document, 'rest', 'new')).toBeUndefined()
    expect(documentWith('<!-- peers -->', 'peers', 'new')).toBeUndefined()
  })
})
