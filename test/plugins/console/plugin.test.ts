import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Fastify from 'fastify'
import t from 'tap'
import { MemoryLedger } from '../../../adapters/memory/memory-ledger.ts'
import bincard from '../../../app.ts'
import { loadConfiguration } from '../../../plugins/configuration/configuration.ts'
import { buildServer } from '../../../server.ts'
import { ownFolder } from '../../processes/own-folder.ts'

const root = join(import.meta.dirname, '..', '..', '..')
const folder = join(root, 'plugins', 'console', 'page')
const files = readdirSync(folder)
const page = readFileSync(join(folder, 'index.html'), 'utf8')

const started = async (environment: Record<string, string> = {}) => {
  const server = await buildServer(loadConfiguration(environment), { ledger: new MemoryLedger() })
  t.teardown(() => server.close())
  return server
}

const types: Readonly<Record<string, RegExp>> = {
  html: /^text\/html; charset=utf-8$/,
  css: /^text\/css; charset=utf-8$/,
  js: /^application\/javascript; charset=utf-8$/,
  svg: /^image\/svg\+xml/
}

t.test('each file of the page is served as what it is, to whoever asks and however often', async (t) => {
  const server = await started({ API_KEYS: 'key-of-a-shop', RATE_LIMIT_RPS: '1', RATE_LIMIT_BURST: '1' })
  const answered = await server.inject('/console/')
  t.equal(answered.statusCode, 200)
  t.equal(answered.body, page)
  for (const file of files) {
    const { statusCode, headers, body } = await server.inject(`/console/${file}`)
    t.equal(statusCode, 200, file)
    t.match(headers['content-type'], types[file.split('.').at(-1) ?? ''], file)
    t.equal(body, readFileSync(join(folder, file), 'utf8'), file)
    t.equal(headers['x-content-type-options'], 'nosniff', file)
    t.equal(headers['x-ratelimit-limit'], undefined, file)
  }
  t.equal((await server.inject({ method: 'HEAD', url: '/console/main.js' })).statusCode, 200)
})

t.test('the address without a slash leads to the page, below a prefix too', async (t) => {
  const host = Fastify()
  t.teardown(() => host.close())
  await host.register(bincard, { prefix: '/stock', ledger: new MemoryLedger() })
  const { statusCode, headers } = await host.inject('/stock/console')
  t.equal(statusCode, 308)
  const target = new URL(String(headers['location']), 'http://host/stock/console').pathname
  t.equal(target, '/stock/console/')
  t.equal((await host.inject(target)).body, page)
})

t.test('it works in an application that serves files of its own, and beside another service', async (t) => {
  const own = ownFolder(t)
  writeFileSync(join(own, 'own.txt'), 'own')
  const host = Fastify()
  t.teardown(() => host.close())
  await host.register((await import('@fastify/static')).default, { root: own, prefix: '/files/' })
  await host.register(bincard, { prefix: '/one', ledger: new MemoryLedger() })
  await host.register(bincard, { prefix: '/two', ledger: new MemoryLedger() })
  t.equal((await host.inject('/files/own.txt')).body, 'own')
  t.equal((await host.inject('/files/own.txt')).headers['content-security-policy'], undefined)
  for (const prefix of ['/one', '/two']) t.equal((await host.inject(`${prefix}/console/`)).body, page)
})

t.test('a browser may load nothing but these files, and show them in no other page', async (t) => {
  const server = await started()
  const { headers } = await server.inject('/console/')
  const policy = String(headers['content-security-policy'])
  for (const directive of [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "frame-ancestors 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'"
  ]) {
    t.ok(policy.split('; ').includes(directive), directive)
  }
  t.notMatch(policy, /unsafe|https?:|\*/)
  t.equal(headers['x-frame-options'], 'DENY')
  t.equal(headers['referrer-policy'], 'no-referrer')
  t.notMatch(page, /<script(?! type="module" src="main\.js"><\/script>)|<style|\sstyle=|\son[a-z]+=/)
  for (const file of files) {
    const text = readFileSync(join(folder, file), 'utf8').replaceAll('http://www.w3.org/2000/svg', '')
    t.notMatch(text, /https?:\/\/|innerHTML|outerHTML|insertAdjacentHTML|document\.write/, file)
    t.notMatch(text, /localStorage|sessionStorage|indexedDB|\.cookie/, `${file} stores nothing`)
  }
})

t.test('a browser asks whether its copy is still good, and is told', async (t) => {
  const server = await started()
  for (const url of ['/console/', '/console/main.js']) {
    const { headers } = await server.inject(url)
    t.equal(headers['cache-control'], 'no-cache')
    const again = await server.inject({ url, headers: { 'if-none-match': String(headers['etag']) } })
    t.equal(again.statusCode, 304, url)
    t.equal(again.body, '')
    t.equal((await server.inject({ url, headers: { 'if-none-match': 'W/"other"' } })).statusCode, 200)
  }
})

t.test('what is not there is an error as everywhere, also on the way out of the folder', async (t) => {
  const server = await started()
  for (const url of [
    '/console/nothing.js',
    '/console/..%2f..%2fpackage.json',
    '/console/%2e%2e/plugin.ts',
    '/console/../plugin.ts',
    '/console//main.js',
    '/consoles'
  ]) {
    const { statusCode, body } = await server.inject(url)
    t.equal(statusCode, 404, url)
    t.match(JSON.parse(body), { success: false, error: { code: 'NOT_FOUND_ERROR' } }, url)
  }
  t.equal((await server.inject({ method: 'POST', url: '/console/' })).statusCode, 404)
})

t.test('it is in the package, and not in the document of the API', async (t) => {
  const { files: packed } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    files: string[]
  }
  t.ok(packed.includes('plugins/console/page'))
  const server = await started()
  t.notMatch((await server.inject('/documentation/json')).body, /console/)
})
