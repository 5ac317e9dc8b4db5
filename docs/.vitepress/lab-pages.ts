import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type * as Course from '../../labs/course.ts'
import type { Lab } from '../../labs/lab.ts'
import type * as LabText from '../../labs/lab-text.ts'
import type { GeneratedPage } from './scenario-pages.ts'

const labsFolder = resolve(import.meta.dirname, '../../labs')

/** Returns a page for each lab, from the same source that the command runs. The answer is behind a fold. */
export async function labPages(): Promise<GeneratedPage[]> {
  // Imported by Node itself: the generator would bundle the modules.
  const { labs } = (await import(pathToFileURL(resolve(labsFolder, 'course.ts')).href)) as typeof Course
  const { formatLabValue } = (await import(pathToFileURL(resolve(labsFolder, 'lab-text.ts')).href)) as typeof LabText
  return labs.map((lab, index) => ({ name: lab.name, content: pageOf(lab, index, formatLabValue) }))
}

function pageOf(lab: Lab, index: number, formatLabValue: (typeof LabText)['formatLabValue']): string {
  const { name, title, story, settings, measures, curves = [], question, next } = lab
  const predictions = Object.entries(measures).filter(([, { ask }]) => ask !== undefined)
  return [
    `# ${index + 1}. ${title}`,
    ...story,
    `\`\`\`sh\nloadcell lab ${name}\n\`\`\``,
    'At a terminal, that opens [a page](../teaching.md#on-the-page). With `--no-ui`, the lab runs in the terminal.',
    '## Predict',
    [
      ...curves.map(({ ask, points }) => {
        const flags = points.map(({ measure }) => `\`--predict ${measure}=…\``)
        return `- Draw: ${ask} (${flags.join(', ')})`
      }),
      ...predictions.map(([measure, { ask }]) => `- ${ask} (\`--predict ${measure}=…\`)`),
    ].join('\n'),
    '## Settings',
    [
      '| setting | | value | from | to |',
      '| --- | --- | --- | --- | --- |',
      ...Object.entries(settings).map(([setting, { label, unit, value, min, max }]) => {
        const [shown, least, most] = [value, min, max].map(number => formatLabValue(number, unit))
        return `| \`${setting}\` | ${label} | ${shown} | ${least} | ${most} |`
      }),
    ].join('\n'),
    '## Question',
    question.ask,
    question.options.map((option, number) => `${number + 1}. ${option}`).join('\n'),
    `::: details Why\n${question.because}\n:::`,
    '## Next',
    next,
  ].join('\n\n')
}
