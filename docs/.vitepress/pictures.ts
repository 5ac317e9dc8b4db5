import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { MarkdownRenderer } from 'vitepress'

const PICTURE = /^(.*images\/([a-z-]+))\.webp$/
const images = resolve(import.meta.dirname, '../images')

/** Shows the dark one of two pictures where the site is dark. The documents name the light one, and both come from `npm run pictures`. */
export function pictureOfScheme(markdown: MarkdownRenderer): void {
  const image = markdown.renderer.rules.image!
  markdown.renderer.rules.image = (tokens, index, options, env, self) => {
    const token = tokens[index]!
    const [, place, name] = PICTURE.exec(token.attrGet('src') ?? '') ?? []
    if (place === undefined || !existsSync(resolve(images, `${name}-dark.webp`)))
      return image(tokens, index, options, env, self)
    token.attrSet('class', 'in-light')
    const light = image(tokens, index, options, env, self)
    token.attrSet('src', `${place}-dark.webp`)
    token.attrSet('class', 'in-dark')
    return light + image(tokens, index, options, env, self)
  }
}
