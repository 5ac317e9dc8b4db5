import { scenarioPages } from '../.vitepress/scenario-pages.ts'

export default {
  async paths() {
    return (await scenarioPages()).map(({ name, content }) => ({ params: { scenario: name }, content }))
  },
}
