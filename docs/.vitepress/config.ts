import { defineConfig } from 'vitepress'
import { linkWithinSite } from './links.ts'
import { pictureOfScheme } from './pictures.ts'
import { sidebarOf } from './sidebar.ts'

/** The site of the documentation: `npm run docs` serves it, `npm run docs:build` writes it to docs/.vitepress/dist. */
export default defineConfig({
  title: 'Loadcell',
  description: 'A load-testing bench with both ends known',
  lang: 'en',
  head: [['link', { rel: 'icon', href: '/favicon.svg' }]],
  rewrites: { 'README.md': 'index.md', 'decisions/README.md': 'decisions/index.md' },
  markdown: {
    // The documents are plain Markdown: <file> is a placeholder, not an element.
    html: false,
    config(markdown) {
      linkWithinSite(markdown)
      pictureOfScheme(markdown)
    },
  },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    sidebar: await sidebarOf('README.md'),
    nav: [
      { text: 'Tutorials', link: '/tutorial-validate' },
      { text: 'Scenarios', link: '/scenarios/browse' },
      { text: 'Commands', link: '/commands/run' },
      { text: 'Configuration', link: '/configuration/keys' },
    ],
  },
})
