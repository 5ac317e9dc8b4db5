import type * as htmlParser from 'node-html-parser'
import { lateModule } from '../../../core/late-module.ts'
import type { HtmlForm, HtmlPage } from '../../scenario/html.ts'
import type { HttpResponse } from '../../scenario/http.ts'
import { listed } from './excerpt.ts'
import { missing } from './extraction.ts'
import { excessOf } from './html-nesting.ts'
import { shown } from './request-head.ts'

/** Loaded when the first page is read: few scenarios do that. */
const parser = lateModule<typeof htmlParser>('node-html-parser')

const FIELDS = 'input, select, textarea'
/** Kinds of inputs that a form does not submit unless they are used. */
const UNSUBMITTED: ReadonlySet<string> = new Set(['submit', 'button', 'reset', 'image', 'file'])

/** The HTML of a response. */
export class HtmlDocument implements HtmlPage {
  readonly #response: HttpResponse
  readonly #root: htmlParser.HTMLElement

  /** @throws UnreadableBody for a body that cannot be read */
  constructor(response: HttpResponse) {
    this.#response = response
    const html = response.text()
    const excess = excessOf(html)
    if (excess !== undefined) throw this.#missing('HTML that can be parsed in time', `a page with ${excess}`)
    this.#root = parser().parse(html, { comment: false })
  }

  /** URL that the links of the page are relative to. */
  get baseUrl(): string {
    const base = this.#root.querySelector('base[href]')?.getAttribute('href')
    return URL.parse(base ?? '', this.#response.url)?.href ?? this.#response.url
  }

  input(name: string): string {
    const fields = this.#root.querySelectorAll(FIELDS)
    const field = fields.find(each => each.getAttribute('name') === name)
    if (field !== undefined) return valuesOf(field)[0] ?? ''
    throw this.#missing(`a form field ${JSON.stringify(name)}`, `the fields ${listed(namesOf(fields))}`)
  }

  form(selector = 'form'): HtmlForm {
    const form = this.#find(selector)
    if (form.rawTagName.toLowerCase() !== 'form') {
      throw this.#missing(`a form at ${JSON.stringify(selector)}`, `the element <${form.rawTagName}>`)
    }
    const fields: Record<string, string | string[]> = {}
    for (const field of form.querySelectorAll(FIELDS)) {
      const name = field.getAttribute('name') ?? ''
      if (name === '' || !isSubmitted(field)) continue
      const values = [fields[name] ?? [], valuesOf(field)].flat()
      if (values.length > 0) fields[name] = values.length === 1 ? (values[0] as string) : values
    }
    return {
      action: URL.parse(form.getAttribute('action') || this.#response.url, this.baseUrl)?.href ?? this.#response.url,
      method: form.getAttribute('method')?.toUpperCase() === 'POST' ? 'POST' : 'GET',
      fields,
    }
  }

  text(selector: string): string {
    return this.#find(selector).text.replaceAll(/\s+/g, ' ').trim()
  }

  attribute(selector: string, name: string): string {
    const element = this.#find(selector)
    const value = element.getAttribute(name)
    if (value !== undefined) return value
    const names = Object.keys(element.attributes)
    throw this.#missing(
      `an attribute ${JSON.stringify(name)} of ${JSON.stringify(selector)}`,
      `the attributes ${listed(names)}`,
    )
  }

  /** Yields the links of the page with a relation. */
  *links(): Generator<{ relations: string; url: string }> {
    for (const element of this.#root.querySelectorAll('link[rel][href], a[rel][href]')) {
      yield { relations: element.getAttribute('rel') ?? '', url: element.getAttribute('href') ?? '' }
    }
  }

  #find(selector: string): htmlParser.HTMLElement {
    let found: htmlParser.HTMLElement | null
    try {
      found = this.#root.querySelector(selector)
    } catch (error) {
      throw new SyntaxError(
        `expected a CSS selector such as form#login, got ${shown(selector)}: ${(error as Error).message}`,
        {
          cause: error,
        },
      )
    }
    if (found !== null) return found
    const tags = [...new Set(this.#root.querySelectorAll('*').map(element => element.rawTagName.toLowerCase()))]
    throw this.#missing(`an element at ${JSON.stringify(selector)}`, `a page with the elements ${listed(tags)}`)
  }

  #missing(wanted: string, got: string): Error {
    return missing(this.#response, wanted, got)
  }
}

function namesOf(fields: readonly htmlParser.HTMLElement[]): string[] {
  return [...new Set(fields.flatMap(field => field.getAttribute('name') ?? []))]
}

/** Tells whether a form sends the field if its user changes nothing. */
function isSubmitted(field: htmlParser.HTMLElement): boolean {
  if (field.hasAttribute('disabled')) return false
  if (field.rawTagName.toLowerCase() !== 'input') return true
  const type = (field.getAttribute('type') ?? 'text').toLowerCase()
  if (type === 'checkbox' || type === 'radio') return field.hasAttribute('checked')
  return !UNSUBMITTED.has(type)
}

/** Returns the values of a field: that of an input or textarea, those of the options that are selected. */
function valuesOf(field: htmlParser.HTMLElement): string[] {
  const tag = field.rawTagName.toLowerCase()
  if (tag === 'textarea') return [field.text.replace(/^\r?\n/, '')]
  if (tag !== 'select') {
    const isBox = /^(checkbox|radio)$/i.test(field.getAttribute('type') ?? '')
    return [field.getAttribute('value') ?? (isBox ? 'on' : '')]
  }
  const options = field.querySelectorAll('option')
  const chosen = options.filter(option => option.hasAttribute('selected'))
  const isMultiple = field.hasAttribute('multiple')
  const sent = isMultiple ? chosen : [chosen.at(-1) ?? options.find(option => !option.hasAttribute('disabled'))]
  return sent.flatMap(option => (option === undefined ? [] : [option.getAttribute('value') ?? option.text.trim()]))
}
