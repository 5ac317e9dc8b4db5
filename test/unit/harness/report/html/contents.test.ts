import { describe, expect, it } from 'vitest'
import { contentsOf, standing } from '../../../../../harness/report/html/contents.ts'
import { pageHeader } from '../../../../../harness/report/html/header.ts'
import { html } from '../../../../../harness/report/html/markup.ts'
import { section } from '../../../../../harness/report/html/table.ts'
import { hostile } from '../fixture.ts'

const header = pageHeader({
  tone: 'failed',
  subject: html`<strong>${hostile}</strong> · today`,
  word: 'FAILED',
  sentence: 'It did.',
  tiles: [],
})

describe('contentsOf', () => {
  it('finds the verdict and every section, in order, as they are written', () => {
    const { verdict, sections } = contentsOf(
      html`${header}${section('first', 'One & two')}${section('first-byte', 'Three', html`<h2>not a section</h2>`)}`,
    )
    expect([verdict?.tone, verdict?.word.source]).toEqual(['failed', 'FAILED'])
    expect(verdict?.subject.source).toMatch(/^&#60;\/script&#62;/)
    expect(sections.map(({ id, title }) => [id, title.source])).toEqual([
      ['first', 'One &#38; two'],
      ['first-byte', 'Three'],
    ])
  })

  it('is not misled by text of a run that looks like a section', () => {
    const fake = '<section id="fake" aria-labelledby="fake-title">\n<h2 id="fake-title">Fake</h2>'
    expect(contentsOf(html`${header}${section('true', fake, fake)}`).sections.map(({ id }) => id)).toEqual(['true'])
  })

  it('has no verdict on a page without one, and no list without sections', () => {
    const contents = contentsOf(html`<p>nothing</p>`)
    expect(contents).toEqual({ sections: [] })
    expect(standing(contents, undefined).source).not.toMatch(/<nav|class="brief/)
  })
})
