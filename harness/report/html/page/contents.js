// Marks the section that is being read in the contents, and folds the contents on a narrow screen.
/* global document, IntersectionObserver, matchMedia */
;(() => {
  'use strict'

  const contents = document.querySelector('.contents')
  if (contents === null) return
  const narrow = matchMedia('(max-width: 1099px)')
  const fold = () => contents.toggleAttribute('open', !narrow.matches)
  narrow.addEventListener('change', fold)
  fold()
  contents.addEventListener('click', event => {
    if (narrow.matches && event.target.closest('a') !== null) contents.open = false
  })
  contents.addEventListener('keydown', event => {
    if (event.key !== 'Escape' || !narrow.matches) return
    contents.open = false
    contents.querySelector('summary').focus()
  })

  const links = new Map([...contents.querySelectorAll('a')].map(link => [link.hash.slice(1), link]))
  const visible = new Set()
  const observer = new IntersectionObserver(
    entries => {
      for (const { target, isIntersecting } of entries) visible[isIntersecting ? 'add' : 'delete'](target.id)
      const current = [...links.keys()].find(id => visible.has(id))
      for (const [id, link] of links) {
        if (id === current) link.setAttribute('aria-current', 'true')
        else link.removeAttribute('aria-current')
      }
    },
    { rootMargin: '-20% 0px -60% 0px' },
  )
  for (const id of links.keys()) {
    const section = document.getElementById(id)
    if (section !== null) observer.observe(section)
  }
})()
