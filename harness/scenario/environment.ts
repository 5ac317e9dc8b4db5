import { env } from 'node:process'

/** Names of the variables that the scenario has read. A cluster ships them to its workers. */
export const readVariables = new Set<string>()

/**
 * Returns the value of an environment variable, so that secrets stay out of files.
 * @throws Error that names the variable when it is missing or empty
 */
export function environment(name: string): string {
  const value = env[name]
  if (value === undefined || value === '') {
    throw new Error(`the environment variable ${name} is not set; set it and run again, such as \`export ${name}=…\``)
  }
  readVariables.add(name)
  return value
}
