/** A setting that the service does not start with; the message is the one line that the operator reads. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'

  /** `found` is shown as it is given, so that a secret can be left out of it. */
  constructor(variable: string, found: string, allowed: string) {
    super(`${variable} is ${found}; allowed is ${allowed}`)
  }
}
