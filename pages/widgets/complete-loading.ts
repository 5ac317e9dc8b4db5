/**
 * Loads the page again if one of its files did not come. Browsers give up requests when a network of the machine appears or goes, as
 * with each container, and a script whose imports are incomplete never runs. This is a script of its own without imports, before the
 * page's own, so that it sees what happens to that.
 */
const KEY = 'loadcell.loads'
const MOST_LOADS = 4
const WAIT_MS = 1000

const loads = Number(sessionStorage.getItem(KEY) ?? 1)
let isComplete = true

function miss(): void {
  if (!isComplete) return
  isComplete = false
  const isLast = loads >= MOST_LOADS
  sessionStorage.setItem(KEY, String(isLast ? 1 : loads + 1))
  const words = document.createElement('p')
  words.setAttribute('role', 'alert')
  words.textContent = isLast
    ? 'A file of this page did not come. Is its server still there? Load the page again.'
    : 'A file of this page did not come. It loads again …'
  document.querySelector('#main')!.before(words)
  if (!isLast) setTimeout(() => location.reload(), WAIT_MS)
}

// Errors of elements do not bubble.
addEventListener(
  'error',
  ({ target }) => {
    if (target instanceof HTMLScriptElement) miss()
  },
  { capture: true },
)
addEventListener('load', () => {
  if (isComplete) sessionStorage.removeItem(KEY)
})
if (![...document.querySelectorAll<HTMLLinkElement>('link[rel="stylesheet"]')].every(hasRules)) miss()

/** Style sheets come before this script, so that their errors are over by now. The rules of one that did not come cannot be read. */
function hasRules({ sheet }: HTMLLinkElement): boolean {
  try {
    return sheet !== null && sheet.cssRules.length > 0
  } catch {
    return false
  }
}

export {}
