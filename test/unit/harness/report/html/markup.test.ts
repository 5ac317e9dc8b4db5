import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { breakable, html, jsonMarkup, trusted } from '../../../../../harness/report/html/markup.ts'

const decoded = (source: string) => source.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))

describe('markup', () => {
  it('escapes everything in a text that could be markup, without loss', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('<', '>', '"', "'", '&', '#', ';', 'a', 'é', '\n') }), text => {
        const { source } = html`${text}`
        expect(source).not.toMatch(/[<>"']|&(?!#\d+;)/)
        expect(decoded(source)).toBe(text)
      }),
      { seed: 7 },
    )
  })

  it('keeps markup as it is and joins lists of it', () => {
    expect(html`<p>${[html`<b>${'<'}</b>`, ' & ', trusted('<br>')]}</p>`.source).toBe('<p><b>&#60;</b> &#38; <br></p>')
  })

  it('renders nothing for missing values', () => {
    expect(html`a${undefined}b${false}c${0}d`.source).toBe('abc0d')
  })

  it('has no < in data, and the data reads back unchanged', () => {
    const value = { text: '</script><!--<script>', nested: ['<'] }
    expect(jsonMarkup(value).source).not.toContain('<')
    expect(JSON.parse(jsonMarkup(value).source)).toEqual(value)
  })

  it('allows a line break after the punctuation in a long name', () => {
    expect(html`${breakable('a{b:/c/d}')}`.source).toBe('a{<wbr>b:<wbr>/<wbr>c/<wbr>d}')
  })
})
