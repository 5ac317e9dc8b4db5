import { createHash } from 'node:crypto'

const hashOf = (source: string) => `'sha256-${createHash('sha256').update(source).digest('base64')}'`
const blocksOf = (page: string, element: 'script' | 'style') =>
  Array.from(page.matchAll(new RegExp(`<${element}>([^]*?)</${element}>`, 'g')), ([, source = '']) => source)

/** Returns the page without what is ours, not the run's. */
export const bodyOf = (page: string) => page.slice(page.indexOf('<body>')).replaceAll(/<script[\s\S]*?<\/script>/g, '')

/** Returns what keeps a page from being one file with a strict policy that fetches nothing. */
export function strictnessErrors(page: string): string[] {
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1]?.split('; ') ?? []
  const markup = page.replaceAll(/<(script|style)[\s\S]*?<\/\1>/g, '')
  const fetched = Array.from(markup.matchAll(/<[^>]+\s(?:src|href|action)="([^"]*)"/g), ([, url]) => url)
  const expected = [
    "default-src 'none'",
    ...(['script', 'style'] as const).map(each => `${each}-src ${blocksOf(page, each).map(hashOf).join(' ')}`),
  ]
  return [
    ...expected.filter(rule => !policy.includes(rule)).map(rule => `the policy lacks ${rule}`),
    ...(/<[^>]+\s(style|on[a-z]+)=/.test(markup.replaceAll(/"[^"]*"/g, '""'))
      ? ['an attribute has style or script']
      : []),
    ...(/<(img|iframe|object|embed|base)\b/.test(markup) ? ['an element loads something'] : []),
    ...fetched.filter(url => url !== 'data:,' && url?.startsWith('#') === false).map(url => `${url} is fetched`),
    ...blocksOf(page, 'style')
      .filter(style => /@import|url\(/.test(style))
      .map(() => 'a style loads something'),
  ]
}

/** Returns the text of a page, with a space where an element begins or ends. */
export const textOf = (page: string) =>
  page
    .replaceAll(/<(script|style)[\s\S]*?<\/\1>|<wbr>/g, '')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/\s+/g, ' ')
