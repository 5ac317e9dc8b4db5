// Lets readers sort and filter tables.
/* global document */
;(() => {
  'use strict'

  function sortBy(table, heading) {
    const column = [...heading.parentElement.children].indexOf(heading)
    const value = row => row.children[column].dataset.value
    const numeric = heading.classList.contains('number')
    // The greatest numbers come first, and the first names.
    const order = heading.getAttribute('aria-sort')
    const descending = numeric ? order !== 'descending' : order === 'ascending'
    const compare = (a, b) => (numeric ? value(a) - value(b) : value(a).localeCompare(value(b), 'en'))
    const rows = [...table.tBodies[0].rows].sort((a, b) => (descending ? compare(b, a) : compare(a, b)))
    for (const other of heading.parentElement.children) other.removeAttribute('aria-sort')
    heading.setAttribute('aria-sort', descending ? 'descending' : 'ascending')
    table.tBodies[0].append(...rows)
  }

  for (const heading of document.querySelectorAll('[data-sortable] [data-order]')) {
    const button = document.createElement('button')
    button.type = 'button'
    button.append(...heading.childNodes)
    button.addEventListener('click', () => sortBy(heading.closest('table'), heading))
    heading.append(button)
  }

  /** Puts a field above a table. Rows stay that contain all of its words. */
  function addFilter(table) {
    const rows = [...table.tBodies[0].rows]
    const [label, field, found] = ['label', 'input', 'output'].map(name => document.createElement(name))
    field.type = 'search'
    label.append('Filter ', field)
    label.className = 'filter'
    field.setAttribute('aria-label', `Filter the rows of: ${table.caption.textContent}`)
    field.addEventListener('input', () => {
      const words = field.value.toLowerCase().split(/\s+/)
      for (const row of rows) {
        const text = row.textContent.toLowerCase()
        row.hidden = !words.every(word => text.includes(word))
      }
      const left = rows.filter(row => !row.hidden).length
      found.textContent = field.value === '' ? '' : `${left} of ${rows.length}`
    })
    field.addEventListener('keydown', event => {
      if (event.key !== 'Escape') return
      field.value = ''
      field.dispatchEvent(new Event('input'))
    })
    label.append(found)
    table.parentElement.before(label)
  }

  for (const table of document.querySelectorAll('[data-filter]')) addFilter(table)
})()
