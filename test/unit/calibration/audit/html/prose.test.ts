import { expect, it } from 'vitest'
import { prose } from '../../../../../calibration/audit/html/prose.ts'
import { html } from '../../../../../harness/report/html/markup.ts'

it.each([
  ['check the body', 'Check the body.'],
  ['use `a < b`, or not', 'Use <code>a &#60; b</code>, or not.'],
  ['set --think-time higher', 'Set <code class="option">--think-time</code> higher.'],
  ['a well--known <b>', 'A well--known &#60;b&#62;.'],
])('shows %j as a sentence with code', (clause, markup) => {
  expect(html`${prose(clause)}`.source).toBe(markup)
})
