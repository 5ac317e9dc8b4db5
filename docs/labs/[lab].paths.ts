import { labPages } from '../.vitepress/lab-pages.ts'

export default {
  async paths() {
    return (await labPages()).map(({ name, content }) => ({ params: { lab: name }, content }))
  },
}
