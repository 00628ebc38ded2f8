import { simulate } from './simulation.ts'
const [seed, steps, runs] = process.argv.slice(2).map(Number)
import { writeFileSync } from 'node:fs'
for (let i = 0; i < (runs ?? 1); i++) {
const lines: string[] = []
const t = process.hrtime.bigint()
const c = process.cpuUsage()
const r = await simulate({ seed: seed!, steps: steps!, onLine: (l) => lines.push(l) })
writeFileSync(`/tmp/sim-lines-${i}.txt`, lines.join('\n'))
console.log(JSON.stringify({...r, faults: r.faults.slice(0, 6)}, null, 1), r.faults.length, Number(process.hrtime.bigint() - t) / 1e6, process.cpuUsage(c).user/1000)
}
