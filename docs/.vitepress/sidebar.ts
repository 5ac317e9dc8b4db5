import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { DefaultTheme } from 'vitepress'
import { commandPages } from './command-pages.ts'
import { labPages } from './lab-pages.ts'
import { scenarioPages } from './scenario-pages.ts'

const docs = resolve(import.meta.dirname, '..')

/** Returns the sections and links of the start page, and after them the pages that are generated. */
export async function sidebarOf(startPage: string): Promise<DefaultTheme.SidebarItem[]> {
  const [, ...sections] = (await readFile(resolve(docs, startPage), 'utf8')).split(/^## /m)
  return [
    ...sections.map(section => ({ text: section.split('\n', 1)[0]!, items: linksOf(section) })),
    { text: 'Configuration', items: [{ text: 'Configuration keys', link: '/configuration/keys' }] },
    {
      text: 'Labs',
      items: (await labPages()).map(({ name }) => ({ text: name, link: `/labs/${name}` })),
    },
    {
      text: 'Ready scenarios',
      items: (await scenarioPages()).map(({ name }) => ({ text: name, link: `/scenarios/${name}` })),
    },
    {
      text: 'Commands',
      items: (await commandPages()).map(({ name }) => ({ text: `loadcell ${name}`, link: `/commands/${name}` })),
    },
  ]
}

/** Returns the first link of each item of the lists, and its further links to whole pages. */
function linksOf(section: string): DefaultTheme.SidebarItem[] {
  const items = section.match(/^(?:-|\d+\.) .*$/gm) ?? []
  const links = items.flatMap(item =>
    [...item.matchAll(/\[([^\]]+)\]\(([^)]+)\)/g)].filter(
      ([, , link = ''], index) => index === 0 || !link.includes('#'),
    ),
  )
  return links.map(([, text = '', link = '']) => ({
    text: text.charAt(0).toUpperCase() + text.slice(1),
    link: `/${link.replace(/README\.md$/, '').replace(/\.md(?=#|$)/, '')}`,
  }))
}
