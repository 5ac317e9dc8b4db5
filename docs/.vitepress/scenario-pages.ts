import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type * as Lessons from '../../cli/scenarios/lessons.ts'

const root = resolve(import.meta.dirname, '../..')

export interface GeneratedPage {
  name: string
  /** Markdown. */
  content: string
}

/** Returns a page for each ready scenario: its lesson, how to run it, and its file. */
export async function scenarioPages(): Promise<GeneratedPage[]> {
  // Imported by Node itself: the generator would bundle the module, which then could not find its neighbours.
  const { lessons } = (await import(pathToFileURL(resolve(root, 'cli/scenarios/lessons.ts')).href)) as typeof Lessons
  return await Promise.all(
    Object.entries(lessons).map(async ([name, lesson]) => {
      const source = await readFile(resolve(root, `scenarios/${name}.ts`), 'utf8')
      const text = `${lesson.charAt(0).toUpperCase()}${lesson.slice(1)}.`
      return {
        name,
        content: `# ${name}\n\n${text}\n\n\`\`\`sh\nloadcell run ${name}\n\`\`\`\n\nThis is the whole scenario:\n\n\`\`\`ts\n${source}\`\`\`\n`,
      }
    }),
  )
}
