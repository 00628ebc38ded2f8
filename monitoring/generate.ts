import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { dashboardText } from './dashboard.ts'

await writeFile(join(import.meta.dirname, 'grafana-dashboard.json'), dashboardText())
