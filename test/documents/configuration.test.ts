import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { loadConfiguration } from '../../plugins/configuration/configuration.ts'
import { Variables } from '../../plugins/configuration/variables.ts'
import { tableBelow } from './markdown.ts'

const readme = readFileSync(join(import.meta.dirname, '..', '..', 'README.md'), 'utf8')
const rows = tableBelow(readme, '## Configuration').map(([variable = '', defaultValue = '']) => ({
  variable: inCode(variable),
  // The word as it is, not in code, is no value: the variable is then left out.
  defaultValue: defaultValue === 'none' ? undefined : inCode(defaultValue)
}))

function inCode(cell: string): string {
  const text = /^`([^`]+)`$/.exec(cell)?.[1]
  if (text === undefined) throw new Error(`${cell} is not one word of code`)
  return text
}

/** What comes of these variables: the configuration, or the line that says why there is none. */
function outcome(variables: Record<string, string | undefined>): object {
  try {
    const { openingStock, metrics, ...others } = loadConfiguration(variables)
    // Whoever names the sample or the port himself means that very one, which makes no other difference.
    return { ...others, openingStock: openingStock?.path, metrics: { ...metrics, isAsked: undefined } }
  } catch (error) {
    return { refused: (error as Error).message }
  }
}

t.test('the table of README.md has the variables that the service reads, no more and no less', async (t) => {
  t.strictSame(rows.map(({ variable }) => variable).sort(), Object.keys(Variables.properties).sort())
})

t.test('to set a variable to its documented default changes nothing', async (t) => {
  const open = { HOST: '0.0.0.0' }
  for (const { variable, defaultValue } of rows) {
    if (variable.startsWith('OTEL_')) {
      t.strictSame(
        outcome({ [variable]: '' }),
        outcome({}),
        `${variable} may be empty, as OpenTelemetry has it`
      )
    } else if (defaultValue === undefined) {
      t.match(outcome({ [variable]: '' }), { refused: `${variable} is ""` }, `${variable} cannot be empty`)
    }
    t.strictSame(outcome({ [variable]: defaultValue }), outcome({}), `${variable}=${defaultValue}`)
    if (variable !== 'HOST') t.strictSame(outcome({ ...open, [variable]: defaultValue }), outcome(open))
    const schema: { default?: string | number } =
      Variables.properties[variable as keyof typeof Variables.properties]
    if (schema.default !== undefined) t.equal(defaultValue, String(schema.default))
  }
})
