import { appendFileSync, closeSync, openSync } from 'node:fs'
import type { RunResult } from '../../../harness/results/run-result.ts'
import { githubAnnotations } from '../../../harness/report/formats/github.ts'
import { runMarkdown } from '../../../harness/report/formats/markdown.ts'
import { InputError } from '../../process/input-error.ts'

const VARIABLE = 'GITHUB_STEP_SUMMARY'

/** A step of GitHub Actions, with the file that its summary goes to. */
export class GithubStep {
  readonly #summary: string

  private constructor(summary: string) {
    this.#summary = summary
  }

  /** @throws InputError outside of a step, or if its summary cannot be written. */
  static fromEnvironment(env: NodeJS.ProcessEnv): GithubStep {
    const path = env[VARIABLE]
    if (path === undefined || path === '') {
      throw new InputError(
        `--report github is for a step of GitHub Actions, and ${VARIABLE} is not set`,
        `Leave it out here, use --report markdown, or set ${VARIABLE} to the file that gets the summary.`,
      )
    }
    try {
      closeSync(openSync(path, 'a'))
    } catch (error) {
      throw new InputError(
        `--report github cannot write the summary of the step: ${(error as Error).message}`,
        `${VARIABLE} names the file. GitHub sets it for each step.`,
      )
    }
    return new GithubStep(path)
  }

  /** Adds the run to the summary of the step, and annotates the step. GitHub reads stderr as well, and stdout may be piped. */
  tell(result: RunResult): void {
    try {
      appendFileSync(this.#summary, `${runMarkdown(result)}\n`)
    } catch (error) {
      process.stderr.write(`loadcell: the summary of the step could not be written: ${(error as Error).message}\n`)
    }
    for (const annotation of githubAnnotations(result)) process.stderr.write(`${annotation}\n`)
  }
}
