import { element } from './element.ts'

const KEY = 'loadcell.theme'
const choices = ['system', 'light', 'dark'] as const
type Theme = (typeof choices)[number]

const listeners = new Set<() => void>()

/** Calls the listener when the colours of the page have changed, so that drawings can take the new ones. */
export function onThemeChange(listener: () => void): void {
  listeners.add(listener)
}

function apply(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = theme
  for (const listener of listeners) listener()
}

function stored(): Theme {
  const value = localStorage.getItem(KEY)
  return choices.find(choice => choice === value) ?? 'system'
}

/** Creates the switch between light, dark, and what the system prefers. The browser remembers the choice. */
export function themeSwitch(): HTMLElement {
  apply(stored())
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => apply(stored()))
  const select = element('select', { id: 'theme' })
  for (const choice of choices) {
    const option = element('option', { value: choice }, choice === 'system' ? 'as the system' : choice)
    option.selected = choice === stored()
    select.append(option)
  }
  select.addEventListener('change', () => {
    localStorage.setItem(KEY, select.value)
    apply(stored())
  })
  return element('label', { class: 'theme' }, 'Colours ', select)
}

/** Returns the value of a colour of the page now, such as `blue`. */
export function color(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
}
