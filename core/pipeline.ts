/** Tells whether this is a pipeline, in which nobody looks: variable `CI` of the environment is set, and not to nothing, `0` or `false`. */
export function isPipeline({ CI = '' }: NodeJS.ProcessEnv): boolean {
  return !['', '0', 'false'].includes(CI)
}
