type ElementChild = Node | string | undefined
type Attributes = Readonly<Record<string, string | number | boolean | undefined>>

/** Creates an element. An attribute that is true is empty, and one that is false or undefined is left out. Texts stay texts. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: ElementChild[]
): HTMLElementTagNameMap[Name] {
  const created = document.createElement(name)
  setAttributes(created, attributes)
  for (const child of children) if (child !== undefined) created.append(child)
  return created
}

const SVG = 'http://www.w3.org/2000/svg'

/** Creates an element of a drawing. */
export function drawn<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: ElementChild[]
): SVGElementTagNameMap[Name] {
  const created = document.createElementNS(SVG, name)
  setAttributes(created, attributes)
  for (const child of children) if (child !== undefined) created.append(child)
  return created
}

function setAttributes(to: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) to.setAttribute(name, '')
    else if (value !== undefined && value !== false) to.setAttribute(name, String(value))
  }
}

/** Writes a text if it differs, so that browsers and screen readers see only changes. */
export function write(into: Element, text: string): void {
  if (into.textContent !== text) into.textContent = text
}
