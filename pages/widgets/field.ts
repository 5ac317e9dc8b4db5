import { element } from './element.ts'

let ordinal = 0

/** A control of a form with its label. */
export interface Field<Control extends HTMLElement> {
  root: HTMLElement
  control: Control
}

function field<Control extends HTMLElement>(label: string, control: Control): Field<Control> {
  control.id = `field-${++ordinal}`
  return { root: element('div', { class: 'field' }, element('label', { for: control.id }, label), control), control }
}

export interface FieldRange {
  min: number
  max: number
  step: number | 'any'
  value: number
}

export function numberField(label: string, { min, max, step, value }: FieldRange): Field<HTMLInputElement> {
  return field(label, element('input', { type: 'number', min, max, step, value, required: true }))
}

/** @param choices by value, the words that people see */
export function choiceField(label: string, choices: Readonly<Record<string, string>>): Field<HTMLSelectElement> {
  const made = field(label, element('select'))
  setChoices(made.control, choices)
  return made
}

/** Replaces the choices, and keeps the chosen one if it is still there. */
export function setChoices(select: HTMLSelectElement, choices: Readonly<Record<string, string>>): void {
  const known = Array.from(select.options, option => `${option.value} ${option.text}`).join('\n')
  const wanted = Object.entries(choices)
  if (known === wanted.map(([value, words]) => `${value} ${words}`).join('\n')) return
  const { value: chosen } = select
  select.replaceChildren(...wanted.map(([value, words]) => element('option', { value }, words)))
  if (chosen in choices) select.value = chosen
}

export function textField(label: string, value: string, rows: number): Field<HTMLTextAreaElement> {
  return field(label, element('textarea', { rows, spellcheck: 'false', class: 'code' }, value))
}
