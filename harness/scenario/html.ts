/** A page of HTML. Whatever is not there throws: the iteration fails with the reason `body`. */
export interface HtmlPage {
  /** Returns the value of the first form field with this name, such as a CSRF token. */
  input(name: string): string
  /** Returns a form as a browser submits it if its user changes nothing. Default: the first form. */
  form(selector?: string): HtmlForm
  /** Returns the text of the first element that a CSS selector matches, with its white space collapsed. */
  text(selector: string): string
  /** Returns an attribute of the first element that a CSS selector matches: `attribute('meta[name=csrf-token]', 'content')`. */
  attribute(selector: string, name: string): string
}

export interface HtmlForm {
  /** The whole URL that it is sent to. */
  action: string
  method: 'GET' | 'POST'
  /** Values by name, without files and buttons. */
  fields: Record<string, string | string[]>
}
