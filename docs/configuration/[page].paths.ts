import { configurationPages } from '../.vitepress/configuration-page.ts'

export default {
  async paths() {
    return (await configurationPages()).map(({ name, content }) => ({ params: { page: name }, content }))
  },
}
