import { commandPages } from '../.vitepress/command-pages.ts'

export default {
  async paths() {
    return (await commandPages()).map(({ name, content }) => ({ params: { command: name }, content }))
  },
}
